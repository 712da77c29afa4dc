package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	pb "cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

const topic, subscription = "projects/p/topics/t", "projects/p/subscriptions/s"

func start(t *testing.T) fake {
	f := newFake()
	t.Cleanup(func() { f.server.Close() })
	if _, err := f.CreateTopic(t.Context(), &pb.Topic{Name: topic}); err != nil {
		t.Fatal(err)
	}
	request := &pb.Subscription{Name: subscription, Topic: topic, AckDeadlineSeconds: 600}
	if _, err := f.CreateSubscription(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	return f
}

func publish(ctx context.Context, f fake, data string) error {
	message := &pb.PubsubMessage{Data: []byte(data)}
	_, err := f.Publish(ctx, &pb.PublishRequest{Topic: topic, Messages: []*pb.PubsubMessage{message}})
	return err
}

func pull(t *testing.T, f fake) []*pb.ReceivedMessage {
	res, err := f.Pull(t.Context(), &pb.PullRequest{Subscription: subscription, ReturnImmediately: true})
	if err != nil {
		t.Fatal(err)
	}
	return res.ReceivedMessages
}

func TestAMessageNobodyPulledIsStillThereAfterDays(t *testing.T) {
	f := start(t)
	published := time.Now()
	if err := publish(t.Context(), f, "waits"); err != nil {
		t.Fatal(err)
	}
	f.server.SetTimeNowFunc(func() time.Time { return time.Now().Add(6 * 24 * time.Hour) })
	time.Sleep(50 * time.Millisecond) // several rounds of pstest's own upkeep
	got := pull(t, f)
	if len(got) != 1 || string(got[0].Message.Data) != "waits" {
		t.Fatalf("got %v", got)
	}
	if off := got[0].Message.PublishTime.AsTime().Sub(published); off < 0 || off > time.Minute {
		t.Fatalf("the publish time is off by %v", off)
	}
}

func TestAMessageIsGoneAfterSevenDays(t *testing.T) {
	f := start(t)
	if err := publish(t.Context(), f, "late"); err != nil {
		t.Fatal(err)
	}
	f.server.SetTimeNowFunc(func() time.Time { return time.Now().Add(7*24*time.Hour + time.Minute) })
	if got := pull(t, f); len(got) != 0 {
		t.Fatalf("got %v", got)
	}
}

func TestManyPublishersAtOnceLoseNothing(t *testing.T) {
	f := start(t)
	const publishers, each = 20, 100
	var group sync.WaitGroup
	for range publishers {
		group.Go(func() {
			for range each {
				if err := publish(t.Context(), f, "x"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	seen := map[string]bool{}
	for end := time.Now().Add(10 * time.Second); len(seen) < publishers*each && time.Now().Before(end); {
		for _, m := range pull(t, f) {
			seen[m.Message.MessageId] = true
			if time.Since(m.Message.PublishTime.AsTime()).Abs() > time.Minute {
				t.Fatalf("published %v", m.Message.PublishTime.AsTime())
			}
		}
	}
	group.Wait()
	if len(seen) != publishers*each {
		t.Fatalf("got %d messages", len(seen))
	}
}

func TestMonitoringTellsWhatIsNotAcknowledged(t *testing.T) {
	f := start(t)
	server := httptest.NewServer(http.HandlerFunc(f.monitoring))
	t.Cleanup(server.Close)
	value := func(metric string) string {
		filter := url.QueryEscape(`metric.type = "pubsub.googleapis.com/subscription/` + metric + `"`)
		res, err := http.Get(server.URL + "/v3/projects/p/timeSeries?filter=" + filter)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var body struct {
			TimeSeries []struct {
				Points []struct{ Value struct{ Int64Value string } }
			}
		}
		if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
			t.Fatal(err)
		}
		if len(body.TimeSeries) != 1 {
			return res.Status
		}
		return body.TimeSeries[0].Points[0].Value.Int64Value
	}
	expect := func(metric, want string) {
		t.Helper()
		if got := value(metric); got != want {
			t.Errorf("%s is %s and not %s", metric, got, want)
		}
	}

	expect("num_undelivered_messages", "0")
	publish(t.Context(), f, "one")
	publish(t.Context(), f, "two")
	expect("num_undelivered_messages", "2")
	received := pull(t, f)
	expect("num_undelivered_messages", "2")
	time.Sleep(1100 * time.Millisecond)
	expect("oldest_unacked_message_age", "1")
	for _, one := range received {
		request := &pb.AcknowledgeRequest{Subscription: subscription, AckIds: []string{one.AckId}}
		if _, err := f.Acknowledge(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	expect("num_undelivered_messages", fmt.Sprint(2-len(received)))
	expect("another_metric", "400 Bad Request")
}
