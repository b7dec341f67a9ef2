package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	recordsMax = 50
	pollFor    = 200 * time.Millisecond
)

// A member of a consumer group. See test/clients/support/group-member.ts for what it is told and what it prints.
type member struct {
	mu    sync.Mutex
	owned []int32
}

func say(line map[string]any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	// One write, so that a line is whole or not there when the process is killed.
	os.Stdout.Write(append(text, '\n'))
}

func balancerOf(name string) (kgo.GroupBalancer, error) {
	balancers := map[string]kgo.GroupBalancer{
		"range": kgo.RangeBalancer(), "roundrobin": kgo.RoundRobinBalancer(),
		"sticky": kgo.StickyBalancer(), "cooperative-sticky": kgo.CooperativeStickyBalancer(),
	}
	balancer, ok := balancers[name]
	if !ok {
		return nil, fmt.Errorf("unknown assignor %q", name)
	}
	return balancer, nil
}

func (m *member) assigned(_ context.Context, client *kgo.Client, added map[string][]int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, partitions := range added {
		m.owned = append(m.owned, partitions...)
	}
	slices.Sort(m.owned)
	m.owned = slices.Compact(m.owned)
	id, generation := client.GroupMetadata()
	partitions := append([]int32{}, m.owned...)
	say(map[string]any{"type": "assigned", "generation": generation, "memberId": id, "partitions": partitions})
}

func (m *member) revoked(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, partitions := range gone {
		m.owned = slices.DeleteFunc(m.owned, func(p int32) bool { return slices.Contains(partitions, p) })
		say(map[string]any{"type": "revoked", "partitions": partitions})
	}
}

func handle(ctx context.Context, client *kgo.Client, fetches kgo.Fetches) error {
	var failure error
	fetches.EachError(func(_ string, partition int32, err error) {
		if errors.Is(err, context.DeadlineExceeded) {
			return
		}
		say(map[string]any{"type": "refused", "what": fmt.Sprintf("partition %d: %v", partition, err)})
	})
	fetches.EachPartition(func(fetched kgo.FetchTopicPartition) {
		var records [][2]int64
		for _, record := range fetched.Records {
			number, _, _ := strings.Cut(string(record.Value), "\t")
			event, err := strconv.ParseInt(number, 10, 64)
			if err != nil {
				failure = err
			}
			records = append(records, [2]int64{record.Offset, event})
		}
		if len(records) > 0 {
			say(map[string]any{"type": "records", "partition": fetched.Partition, "records": records})
		}
	})
	// After a refusal too: what the member keeps of its partitions through a rebalance it still has to commit.
	if err := client.CommitUncommittedOffsets(ctx); err != nil {
		say(map[string]any{"type": "refused", "what": err.Error()})
	}
	return failure
}

func runMember(bootstrap, group, topic, assignor, instance string) error {
	balancer, err := balancerOf(assignor)
	if err != nil {
		return err
	}
	m := &member{}
	options := []kgo.Opt{
		kgo.SeedBrokers(bootstrap), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.Balancers(balancer),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.SessionTimeout(3 * time.Second), kgo.HeartbeatInterval(500 * time.Millisecond),
		kgo.RebalanceTimeout(10 * time.Second), kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.OnPartitionsAssigned(m.assigned), kgo.OnPartitionsRevoked(m.revoked), kgo.OnPartitionsLost(m.revoked),
	}
	if instance != "" {
		options = append(options, kgo.InstanceID(instance))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	ctx, leave := context.WithCancel(context.Background())
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() && lines.Text() != "leave" {
		}
		leave()
	}()
	for ctx.Err() == nil {
		polling, stop := context.WithTimeout(ctx, pollFor)
		fetches := client.PollRecords(polling, recordsMax)
		stop()
		if ctx.Err() == nil {
			if err := handle(context.Background(), client, fetches); err != nil {
				return err
			}
		}
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance()
	say(map[string]any{"type": "left"})
	return nil
}
