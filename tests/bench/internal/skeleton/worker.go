package skeleton

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

// inFlight is how many tool calls run at once: one session carries no more.
const inFlight = 16

// caller calls the tool; nil answers in process.
type caller func(ctx context.Context, arguments []byte) ([]byte, error)

// work reads tasks until ctx ends.
func work(ctx context.Context, bus *redis.Client, tenants []ID, call caller) error {
	h, err := openHop(ctx, bus, tasks, tenants)
	if err != nil {
		return err
	}
	if call == nil {
		return h.loop(ctx, func(ctx context.Context, in []message) error {
			done := make([]out, len(in))
			for i, m := range in {
				var err error
				if done[i], err = perform(ctx, m, nil); err != nil {
					return err
				}
			}
			return pass(ctx, bus, done, in)
		})
	}
	return slots(ctx, h, call)
}

type finished struct {
	in  message
	out out
}

// slots performs with a slot per call, so that one slow call holds up no batch.
func slots(ctx context.Context, h *hop, call caller) error {
	passes := newLane(1, perBatch, func(finished) int { return 1 }, func(ctx context.Context, batch []finished) error {
		var outs []out
		var ins []message
		for _, f := range batch {
			outs, ins = append(outs, f.out), append(ins, f.in)
		}
		return pass(ctx, h.db, outs, ins)
	})
	waiting := make(chan message, inFlight)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(waiting)
		return h.loop(ctx, func(ctx context.Context, in []message) error {
			for _, m := range in {
				select {
				case waiting <- m:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	for range inFlight {
		g.Go(func() error {
			for m := range waiting {
				done, err := perform(ctx, m, call)
				if err != nil {
					return err
				}
				// Nobody waits for the round trip but the messages themselves.
				go func() { _ = passes.do(ctx, finished{m, done}) }()
			}
			return nil
		})
	}
	return g.Wait()
}

func perform(ctx context.Context, m message, call caller) (out, error) {
	t := &busv1.Task{}
	if err := proto.Unmarshal([]byte(m.body), t); err != nil {
		return out{}, err
	}
	output := okay
	if call != nil {
		var err error
		if output, err = call(ctx, t.GetSpec().GetArgumentsJson()); err != nil {
			return out{}, err
		}
	}
	body, err := resultMessage(t.GetTenantId(), t.GetId(), t.GetVersion().GetStateVersion(), output)
	return out{resultsOf(m.stream), body}, err
}

// resultsOf names the stream of results beside one of tasks.
func resultsOf(s string) string { return s[:len(s)-len(tasks)] + results }

// dial starts this program as an MCP server and connects to it over stdio.
func dial(ctx context.Context) (*mcp.ClientSession, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, ToolServer)
	cmd.Stderr = os.Stderr
	// With a session, as ours: the same design, and the better of what the library offers (decision 0083).
	return mcp.NewClient(&mcp.Implementation{Name: "skeleton", Version: "1"}, nil).Connect(ctx, &mcp.CommandTransport{Command: cmd},
		&mcp.ClientSessionOptions{ProtocolVersion: "2025-11-25"})
}

func tool(session *mcp.ClientSession) caller {
	return func(ctx context.Context, arguments []byte) ([]byte, error) {
		res, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "noop", Arguments: json.RawMessage(arguments)})
		if err != nil {
			return nil, err
		}
		if res.IsError {
			return nil, errors.New("the tool failed")
		}
		if said, _ := res.StructuredContent.(map[string]any); said["ok"] != true {
			return nil, fmt.Errorf("the tool answered %v", res.StructuredContent)
		}
		return okay, nil
	}
}
