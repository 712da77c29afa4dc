package main

import (
	"context"
	"strings"
	"sync"
	"time"

	pb "cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	// The real service also answers an empty pull after a while, and its clients simply pull again.
	longestPull = 5 * time.Second
	pollEvery   = 2 * time.Millisecond
	// pstest drops what nobody pulled for ten minutes, the real service after seven days.
	extraRetention = 7*24*time.Hour - 10*time.Minute
)

// fake is pstest without what a pipeline under load cannot live with: pulls that sleep 500 ms,
// messages dropped after ten minutes, and a copy of every message kept for ever.
type fake struct {
	*pstest.GServer
	server    *pstest.Server
	underLock chan func()
	times     *sync.RWMutex // guards the stored publish times outside pstest's lock
	backlog   *backlog
}

func newFake() fake {
	underLock := make(chan func(), 1000)
	// Its own listener, on another free port, stays unused.
	server := pstest.NewServer(pstest.ServerReactorOption{FuncName: "ListTopics", Reactor: door(underLock)})
	return fake{&server.GServer, server, underLock, &sync.RWMutex{}, newBacklog()}
}

// door runs functions while pstest holds its lock, which only a reactor can do.
type door chan func()

func (d door) React(any) (bool, any, error) {
	for {
		select {
		case do := <-d:
			do()
		default:
			return false, nil, nil
		}
	}
}

// locked has run the function when it returns: React runs before ListTopics gives the lock back.
func (f fake) locked(do func()) {
	f.underLock <- do
	f.GServer.ListTopics(context.Background(), &pb.ListTopicsRequest{PageSize: 1})
}

// Publish moves the stored publish time ahead, since pstest measures the age of a message by it,
// and frees the copy pstest keeps for test assertions: subscriptions hold their own until it is acknowledged.
func (f fake) Publish(ctx context.Context, req *pb.PublishRequest) (*pb.PublishResponse, error) {
	res, err := f.GServer.Publish(ctx, req)
	if err != nil {
		return nil, err
	}
	f.locked(func() {
		f.times.Lock()
		defer f.times.Unlock()
		for _, m := range req.Messages {
			m.PublishTime = timestamppb.New(m.PublishTime.AsTime().Add(extraRetention))
		}
	})
	topic := &pb.ListTopicSubscriptionsRequest{Topic: req.Topic}
	subscribed, err := f.GServer.ListTopicSubscriptions(ctx, topic)
	if err != nil {
		return nil, err
	}
	f.backlog.published(subscribed.Subscriptions, res.MessageIds)
	for _, id := range res.MessageIds {
		kept := f.server.Message(id)
		kept.Data, kept.Attributes = nil, nil
	}
	return res, nil
}

// Pull answers as soon as there is a message.
func (f fake) Pull(ctx context.Context, req *pb.PullRequest) (*pb.PullResponse, error) {
	poll := &pb.PullRequest{
		Subscription: req.Subscription, MaxMessages: req.MaxMessages, ReturnImmediately: true,
	}
	for end := time.Now().Add(longestPull); ; {
		res, err := f.GServer.Pull(ctx, poll)
		if err != nil {
			return nil, err
		}
		if len(res.ReceivedMessages) > 0 || req.ReturnImmediately || time.Now().After(end) {
			return &pb.PullResponse{ReceivedMessages: f.asPublished(res.ReceivedMessages)}, nil
		}
		select {
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		case <-time.After(pollEvery):
		}
	}
}

func (f fake) Acknowledge(ctx context.Context, req *pb.AcknowledgeRequest) (*emptypb.Empty, error) {
	res, err := f.GServer.Acknowledge(ctx, req)
	if err == nil {
		f.backlog.acknowledged(req.Subscription, messageIDs(req.AckIds))
	}
	return res, err
}

func (f fake) DeleteSubscription(ctx context.Context, req *pb.DeleteSubscriptionRequest) (*emptypb.Empty, error) {
	res, err := f.GServer.DeleteSubscription(ctx, req)
	if err == nil {
		f.backlog.deleted(req.Subscription)
	}
	return res, err
}

// messageIDs reads them from ack ids, which pstest makes of the id of the message, a colon and a number.
func messageIDs(ackIDs []string) []string {
	ids := make([]string, len(ackIDs))
	for i, ackID := range ackIDs {
		ids[i] = ackID[:max(0, strings.LastIndex(ackID, ":"))]
	}
	return ids
}

// lastOf returns the last part of a resource name.
func lastOf(name string) string {
	return name[strings.LastIndex(name, "/")+1:]
}

func (f fake) StreamingPull(s pb.Subscriber_StreamingPullServer) error {
	return f.GServer.StreamingPull(&stream{s, f, ""})
}

type stream struct {
	pb.Subscriber_StreamingPullServer
	fake         fake
	subscription string // that the first request names
}

func (s *stream) Recv() (*pb.StreamingPullRequest, error) {
	req, err := s.Subscriber_StreamingPullServer.Recv()
	if err != nil {
		return nil, err
	}
	if req.Subscription != "" {
		s.subscription = req.Subscription
	}
	s.fake.backlog.acknowledged(s.subscription, messageIDs(req.AckIds))
	return req, nil
}

func (s *stream) Send(res *pb.StreamingPullResponse) error {
	res.ReceivedMessages = s.fake.asPublished(res.ReceivedMessages)
	return s.Subscriber_StreamingPullServer.Send(res)
}

// asPublished copies messages, which pstest goes on using, and gives them back their publish times.
// It must not wait for pstest's lock: pstest holds that while it waits for a stream to send.
func (f fake) asPublished(messages []*pb.ReceivedMessage) []*pb.ReceivedMessage {
	f.times.RLock()
	defer f.times.RUnlock()
	copies := make([]*pb.ReceivedMessage, len(messages))
	for i, m := range messages {
		copies[i] = copyAsPublished(m)
	}
	return copies
}

func copyAsPublished(m *pb.ReceivedMessage) *pb.ReceivedMessage {
	published := m.Message.PublishTime.AsTime()
	// It was not moved yet if the message is pulled within its publish.
	if published.After(time.Now()) {
		published = published.Add(-extraRetention)
	}
	return &pb.ReceivedMessage{
		AckId:           m.AckId,
		DeliveryAttempt: m.DeliveryAttempt,
		Message: &pb.PubsubMessage{
			Data:        m.Message.Data,
			Attributes:  m.Message.Attributes,
			MessageId:   m.Message.MessageId,
			PublishTime: timestamppb.New(published),
			OrderingKey: m.Message.OrderingKey,
		},
	}
}
