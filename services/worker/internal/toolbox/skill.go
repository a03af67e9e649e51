package toolbox

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
)

const (
	connectTimeout = 10 * time.Second
	// redialAfter spaces out connecting to a skill that is away.
	redialAfter = time.Second
	// maxTools and maxDescriptor bound what one skill may offer.
	maxTools      = 100
	maxDescriptor = 128 << 10
)

// Seen is a tool as a skill described it.
type Seen struct {
	Name, Version, Digest string
	Descriptor            []byte
	ReadOnly              bool
}

// skill is one MCP client. Stateless HTTP needs one session for all tenants: whom a call is for travels in
// the call.
type skill struct {
	name string
	log  *slog.Logger
	dial func(ctx context.Context) (*mcp.ClientSession, error)
	// pipe is set where no HTTP transport observes calls: there every call counts as sent.
	pipe bool

	// dialing is held while connecting; mu never for long, so that readiness does not hang on a dead peer.
	dialing sync.Mutex
	mu      sync.Mutex
	session *mcp.ClientSession
	tools   map[string]Seen
	// failure and its time belong to who dials.
	failure error
	failed  time.Time
}

// connected returns the session, connecting and discovering when there is none: once for a whole crowd of
// calls.
func (k *skill) connected(ctx context.Context) (*mcp.ClientSession, error) {
	if session := k.current(); session != nil {
		return session, nil
	}
	k.dialing.Lock()
	defer k.dialing.Unlock()
	if session := k.current(); session != nil {
		return session, nil
	}
	if time.Since(k.failed) < redialAfter {
		return nil, k.failure
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	session, tools, err := k.connect(ctx)
	if err != nil {
		k.failed = time.Now()
		k.failure = errs.Wrap(fmt.Errorf("skill %s: %w", k.name, err), errs.Unavailable, typev1.Reason_REASON_SKILL_AWAY, "the skill cannot be reached; try again").With("skill", k.name)
		return nil, k.failure
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.session, k.tools = session, tools
	return session, nil
}

func (k *skill) connect(ctx context.Context) (*mcp.ClientSession, map[string]Seen, error) {
	session, err := k.dial(ctx)
	if err != nil {
		return nil, nil, err
	}
	tools, err := discover(ctx, k.name, session, k.log)
	if err != nil {
		_ = session.Close()
		return nil, nil, err
	}
	return session, tools, nil
}

func (k *skill) current() *mcp.ClientSession {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.session
}

// drop forgets a session that is of no more use; the next call connects anew.
func (k *skill) drop(dead *mcp.ClientSession) {
	k.mu.Lock()
	mine := k.session == dead
	if mine {
		k.session = nil
	}
	k.mu.Unlock()
	if mine {
		// Closing may wait for the peer.
		go func() { _ = dead.Close() }()
	}
}

func (k *skill) tool(name string) (Seen, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	t, ok := k.tools[name]
	return t, ok
}

// refresh asks for the tools anew and returns all that are known.
func (k *skill) refresh(ctx context.Context) ([]Seen, error) {
	session, err := k.connected(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	tools, err := discover(ctx, k.name, session, k.log)
	if err != nil {
		k.drop(session)
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tools = tools
	out := make([]Seen, 0, len(tools))
	for _, t := range tools {
		out = append(out, t)
	}
	return out, nil
}

func discover(ctx context.Context, skill string, session *mcp.ClientSession, log *slog.Logger) (map[string]Seen, error) {
	version := ""
	if init := session.InitializeResult(); init != nil && init.ServerInfo != nil {
		version = clip(init.ServerInfo.Version, 64)
	}
	out := map[string]Seen{}
	for t, err := range session.Tools(ctx, nil) {
		if err != nil {
			return nil, err
		}
		if len(out) == maxTools {
			return nil, fmt.Errorf("skill %s offers more than %d tools", skill, maxTools)
		}
		digest, canonical, err := toolmeta.Descriptor(skill, t.Name, t.Description, t.InputSchema, t.OutputSchema, t.Annotations)
		if err != nil || len(canonical) > maxDescriptor || !skillName.MatchString(t.Name) {
			log.WarnContext(ctx, "tool ignored: its description cannot be pinned", "skill", skill, "tool", clip(t.Name, 80), "error", err)
			continue
		}
		out[t.Name] = Seen{
			Name: skill + "." + t.Name, Version: version, Digest: digest, Descriptor: canonical,
			ReadOnly: t.Annotations != nil && t.Annotations.ReadOnlyHint,
		}
	}
	return out, nil
}

// call makes one call. Whatever cannot be shown to have stopped before the skill counts as unknown for a
// call that carries a grant.
func (k *skill) call(ctx context.Context, session *mcp.ClientSession, tool string, r Request) Answer {
	meta, err := r.Call.Meta()
	if err != nil {
		return Answer{Err: errs.As(err)}
	}
	inject(ctx, meta)
	flight := &flight{}
	flight.sent.Store(k.pipe)
	res, err := session.CallTool(context.WithValue(ctx, flightKey{}, flight), &mcp.CallToolParams{Meta: meta, Name: tool, Arguments: r.Arguments})
	if err != nil {
		a := Answer{Err: failure(ctx, err, flight)}
		if r.Call.Grant != nil && flight.mayHaveArrived(err) {
			a.Outcome = toolmeta.Unknown
			a.Err = errs.Wrap(a.Err, errs.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN, "it is not known whether the effect happened: "+a.Err.Public)
		}
		if broken(err) {
			k.drop(session)
		}
		return a
	}
	return read(res, r.Call.Grant != nil)
}
