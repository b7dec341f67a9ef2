// A franz-go client for the event stream, with franz-go's own defaults (idempotent, acks=all).
//
//	franz-go-client produce BOOTSTRAP TOPIC CODEC   reads "key TAB value" lines, produces each with its key; a key alone is a tombstone
//	franz-go-client consume BOOTSTRAP TOPIC COUNT   reads every partition from its start, prints "partition TAB key TAB value"
//	franz-go-client drain BOOTSTRAP TOPIC           the same up to the ends of now; a tombstone is printed without its value
//	franz-go-client admin BOOTSTRAP TOPIC           creates, describes, grows, trims and deletes a topic; prints one line each
//	franz-go-client member BOOTSTRAP GROUP TOPIC ASSIGNOR [INSTANCE]   a member of a group, see member.go
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const deadline = 5 * time.Minute

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: produce|consume|drain|admin BOOTSTRAP TOPIC [CODEC|COUNT]")
	}
	if args[0] == "member" && len(args) >= 5 {
		return runMember(args[1], args[2], args[3], args[4], strings.Join(args[5:], ""))
	}
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	switch {
	case args[0] == "produce" && len(args) == 4:
		return produce(ctx, args[1], args[2], args[3])
	case args[0] == "consume" && len(args) == 4:
		count, err := strconv.Atoi(args[3])
		if err != nil {
			return err
		}
		return consume(ctx, args[1], args[2], count)
	case args[0] == "drain" && len(args) == 3:
		return drain(ctx, args[1], args[2])
	case args[0] == "admin" && len(args) == 3:
		return admin(ctx, args[1], args[2])
	}
	return fmt.Errorf("unknown command %q", args)
}

func codecOption(name string) (kgo.Opt, error) {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	codec, ok := codecs[name]
	if !ok {
		return nil, fmt.Errorf("unknown codec %q", name)
	}
	return kgo.ProducerBatchCompression(codec), nil
}

func produce(ctx context.Context, bootstrap, topic, codec string) error {
	option, err := codecOption(codec)
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.DefaultProduceTopic(topic), option)
	if err != nil {
		return err
	}
	defer client.Close()
	var failed atomic.Pointer[error]
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		key, value, found := strings.Cut(lines.Text(), "\t")
		record := &kgo.Record{Key: []byte(key)}
		if found {
			record.Value = []byte(value)
		}
		client.Produce(ctx, record, func(_ *kgo.Record, err error) {
			if err != nil {
				failed.Store(&err)
			}
		})
	}
	if err := client.Flush(ctx); err != nil {
		return err
	}
	if err := failed.Load(); err != nil {
		return *err
	}
	return lines.Err()
}

func consume(ctx context.Context, bootstrap, topic string, count int) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return err
	}
	defer client.Close()
	out := bufio.NewWriter(os.Stdout)
	for seen := 0; seen < count; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			seen++
			fmt.Fprintf(out, "%d\t%s\t%s\n", record.Partition, record.Key, record.Value)
		})
	}
	return out.Flush()
}

// The last record of a partition is always there: it lies in the active segment, which is not compacted.
func drain(ctx context.Context, bootstrap, topic string) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err != nil {
		return err
	}
	left := map[int32]int64{}
	ends.Each(func(end kadm.ListedOffset) {
		if end.Offset > 0 {
			left[end.Partition] = end.Offset
		}
	})
	out := bufio.NewWriter(os.Stdout)
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			fmt.Fprintf(out, "%d\t%s", record.Partition, record.Key)
			if record.Value != nil {
				fmt.Fprintf(out, "\t%s", record.Value)
			}
			fmt.Fprintln(out)
			if end, ok := left[record.Partition]; ok && record.Offset+1 >= end {
				delete(left, record.Partition)
			}
		})
	}
	return out.Flush()
}

func admin(ctx context.Context, bootstrap, topic string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	adm := kadm.NewClient(client)
	retention := "-1"
	created, err := adm.CreateTopic(ctx, 2, 1, map[string]*string{"retention.ms": &retention}, topic)
	if err != nil {
		return err
	}
	fmt.Printf("created %s partitions=%d\n", created.Topic, created.NumPartitions)
	if _, err := adm.UpdatePartitions(ctx, 3, topic); err != nil {
		return err
	}
	for i := range 10 {
		record := &kgo.Record{Topic: topic, Key: []byte("k"), Value: []byte(strconv.Itoa(i))}
		if err := client.ProduceSync(ctx, record).FirstErr(); err != nil {
			return err
		}
	}
	ends, err := adm.ListEndOffsets(ctx, topic)
	if err != nil {
		return err
	}
	total := int64(0)
	ends.Each(func(offset kadm.ListedOffset) { total += offset.Offset })
	fmt.Printf("ends %d over %d partitions\n", total, len(ends.Offsets()[topic]))
	if _, err := adm.DeleteRecords(ctx, ends.Offsets()); err != nil {
		return err
	}
	starts, err := adm.ListStartOffsets(ctx, topic)
	if err != nil {
		return err
	}
	total = 0
	starts.Each(func(offset kadm.ListedOffset) { total += offset.Offset })
	fmt.Printf("starts %d\n", total)
	configs, err := adm.DescribeTopicConfigs(ctx, topic)
	if err != nil {
		return err
	}
	for _, config := range configs[0].Configs {
		if config.Key == "retention.ms" {
			fmt.Printf("retention.ms=%s\n", config.MaybeValue())
		}
	}
	if _, err := adm.DeleteTopic(ctx, topic); err != nil {
		return err
	}
	topics, err := adm.ListTopics(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("deleted %t\n", !topics.Has(topic))
	return nil
}
