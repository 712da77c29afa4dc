package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"

	pb "cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

const metricPrefix = "pubsub.googleapis.com/subscription/"

// The values of the metrics that are served, as Cloud Monitoring's type INT64.
var metrics = map[string]func(messages int, oldest time.Duration) int64{
	"num_undelivered_messages":   func(messages int, _ time.Duration) int64 { return int64(messages) },
	"oldest_unacked_message_age": func(_ int, oldest time.Duration) int64 { return int64(oldest.Seconds()) },
}

var (
	wantedMetric  = regexp.MustCompile(`metric\.type\s*=\s*"` + regexp.QuoteMeta(metricPrefix) + `(\w+)"`)
	projectOfPath = regexp.MustCompile(`^/v3/(projects/[^/]+)/timeSeries$`)
)

// monitoring answers projects.timeSeries.list of Cloud Monitoring's REST API for the backlog of the subscriptions of the
// fake, with one point of the present. It answers for all subscriptions of the project, whatever else the filter says.
func (f fake) monitoring(w http.ResponseWriter, r *http.Request) {
	project := projectOfPath.FindStringSubmatch(r.URL.Path)
	if r.Method != http.MethodGet || project == nil {
		refuse(w, http.StatusNotFound, "NOT_FOUND", "only projects.timeSeries.list is served")
		return
	}
	wanted := wantedMetric.FindStringSubmatch(r.URL.Query().Get("filter"))
	if wanted == nil || metrics[wanted[1]] == nil {
		refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "the filter names no metric that is served")
		return
	}
	series, err := f.series(r.Context(), project[1], wanted[1])
	if err != nil {
		refuse(w, http.StatusInternalServerError, "INTERNAL", err.Error())
		return
	}
	answer(w, http.StatusOK, map[string]any{"timeSeries": series})
}

func (f fake) series(ctx context.Context, project, metric string) ([]any, error) {
	request := &pb.ListSubscriptionsRequest{Project: project, PageSize: 1000}
	list, err := f.GServer.ListSubscriptions(ctx, request)
	if err != nil {
		return nil, err
	}
	series := []any{}
	now := time.Now().UTC().Format(time.RFC3339Nano)
	for _, one := range list.Subscriptions {
		value := metrics[metric](f.backlog.of(one.Name))
		series = append(series, map[string]any{
			"metric": map[string]any{"type": metricPrefix + metric},
			"resource": map[string]any{
				"type":   "pubsub_subscription",
				"labels": map[string]string{"subscription_id": lastOf(one.Name)},
			},
			"points": []any{map[string]any{
				"interval": map[string]string{"startTime": now, "endTime": now},
				"value":    map[string]string{"int64Value": strconv.FormatInt(value, 10)},
			}},
		})
	}
	return series, nil
}

func refuse(w http.ResponseWriter, code int, status, message string) {
	answer(w, code, map[string]any{"error": map[string]any{"code": code, "status": status, "message": message}})
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("content-type", "application/json")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		fmt.Println(err)
	}
}
