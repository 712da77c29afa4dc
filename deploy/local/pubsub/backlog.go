package main

import (
	"sync"
	"time"
)

// backlog knows the messages of each subscription that are not acknowledged, by their ids. A message that pstest itself drops or
// forwards to a dead-letter topic stays in it.
type backlog struct {
	mu            sync.Mutex
	subscriptions map[string]map[string]time.Time
}

func newBacklog() *backlog {
	return &backlog{subscriptions: map[string]map[string]time.Time{}}
}

func (b *backlog) published(subscriptions, ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	for _, name := range subscriptions {
		open := b.subscriptions[name]
		if open == nil {
			open = map[string]time.Time{}
			b.subscriptions[name] = open
		}
		for _, id := range ids {
			open[id] = now
		}
	}
}

func (b *backlog) acknowledged(subscription string, ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		delete(b.subscriptions[subscription], id)
	}
}

func (b *backlog) deleted(subscription string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.subscriptions, subscription)
}

// of returns the number of messages of a subscription that are not acknowledged, and the age of the oldest one.
func (b *backlog) of(subscription string) (messages int, oldest time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	for _, published := range b.subscriptions[subscription] {
		oldest = max(oldest, now.Sub(published))
	}
	return len(b.subscriptions[subscription]), oldest
}
