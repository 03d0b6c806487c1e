package node

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	healthlab "healthlab/lab"
	"healthlab/lab/traffic"
)

// A node sends no more streams of requests than it may.
func TestTrafficIsRefused(t *testing.T) {
	s := &server{ctx: t.Context(), streams: make(chan struct{}, 1)}
	s.streams <- struct{}{}
	answer := httptest.NewRecorder()
	query := traffic.Query("default", healthlab.TrafficPlan{Service: "web", Rate: 10}).Encode()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	s.traffic(answer, httptest.NewRequestWithContext(ctx, http.MethodPost, traffic.Path+"?"+query, nil))
	if answer.Code != http.StatusTooManyRequests {
		t.Errorf("one stream too many: %d %s", answer.Code, answer.Body)
	}
}
