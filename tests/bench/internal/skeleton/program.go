package skeleton

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
)

// Names of the programs that the bench is when it is started with one of them as its argument.
const (
	Orchestrator = "skeleton-orchestrator"
	Worker       = "skeleton-worker"
	ToolServer   = "skeleton-tool"
)

// Config is one program's, as JSON in its second argument's file.
type Config struct {
	Listen   string   `json:"listen"`
	Database string   `json:"database"`
	Redis    string   `json:"redis"`
	Tenants  []string `json:"tenants"`
	// MCP makes the worker call its tool in a process of its own.
	MCP bool `json:"mcp"`
}

// Run is the skeleton's programs; it ends with ctx.
func Run(ctx context.Context, name string, cfg Config) error {
	tenants := make([]ID, len(cfg.Tenants))
	for i, t := range cfg.Tenants {
		id, err := uuid.Parse(t)
		if err != nil {
			return err
		}
		tenants[i] = id
	}
	options, err := redis.ParseURL(cfg.Redis)
	if err != nil {
		return err
	}
	bus := redis.NewClient(options)
	defer func() { _ = bus.Close() }()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	g, ctx := errgroup.WithContext(ctx)
	switch name {
	case Orchestrator:
		db, err := pgxpool.New(ctx, cfg.Database+"&pool_max_conns=4")
		if err != nil {
			return err
		}
		defer db.Close()
		o := newOrchestrator(db, bus)
		mux.HandleFunc("POST /submit", o.submit)
		g.Go(func() error { return o.run(ctx, tenants) })
	case Worker:
		var call caller
		if cfg.MCP {
			session, err := dial(ctx)
			if err != nil {
				return err
			}
			defer func() { _ = session.Close() }()
			call = tool(session)
		}
		g.Go(func() error { return work(ctx, bus, tenants, call) })
	default:
		return fmt.Errorf("there is no program %q", name)
	}
	g.Go(func() error { return serve(ctx, cfg.Listen, mux) })
	return g.Wait()
}

func serve(ctx context.Context, addr string, handler http.Handler) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

type toolIn struct {
	Text string `json:"text"`
}

type toolOut struct {
	OK bool `json:"ok"`
}

// ServeTool is the skill: the official SDK and nothing else, on standard input and output.
func ServeTool(ctx context.Context) error {
	server := mcp.NewServer(&mcp.Implementation{Name: "noop", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "noop", Description: "Does nothing."}, func(context.Context, *mcp.CallToolRequest, toolIn) (*mcp.CallToolResult, toolOut, error) {
		return nil, toolOut{OK: true}, nil
	})
	return server.Run(ctx, &mcp.StdioTransport{})
}
