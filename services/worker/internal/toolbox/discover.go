package toolbox

import (
	"context"
	"slices"
	"strings"
	"time"

	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/services/kit/control"
)

const (
	registerTimeout = 10 * time.Second
	// tellAgain is how often an unchanged list is registered anew: it is the worker's sign of life, which counts for a
	// minute, and a restored database learns the tools by it.
	tellAgain = 20 * time.Second
	// perRegistration is the schema's limit of tools in one call.
	perRegistration = 200
)

// Run discovers tools and tells the orchestrator, at once, then again and again, until ctx ends.
func (b *Toolbox) Run(ctx context.Context) error {
	defer b.close()
	ticker := time.NewTicker(b.cfg.Refresh)
	defer ticker.Stop()
	for {
		b.Discover(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-b.kick:
			// Calls against a changed tool kick one after another; skills are not asked more often than this.
			select {
			case <-time.After(redialAfter):
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// Discover asks every skill once and registers what is new. Skills that are away keep what was known of
// them: registering only adds, and their calls fail as unavailable.
func (b *Toolbox) Discover(ctx context.Context) {
	var all []Seen
	for name, k := range b.skills {
		tools, err := k.refresh(ctx)
		if err != nil {
			if ctx.Err() == nil {
				b.log.WarnContext(ctx, "skill away", "skill", name, "error", err)
			}
			continue
		}
		all = append(all, tools...)
	}
	slices.SortFunc(all, func(x, y Seen) int { return strings.Compare(x.Name, y.Name) })
	var print strings.Builder
	for _, t := range all {
		print.WriteString(t.Name + t.Digest + t.Version)
	}
	if len(all) == 0 || (print.String() == b.registered && time.Since(b.toldAt) < tellAgain) {
		return
	}
	if err := b.register(ctx, all); err != nil {
		b.log.WarnContext(ctx, "tools not registered; they will be with the next discovery", "error", err)
		return
	}
	b.registered, b.toldAt = print.String(), time.Now()
	b.log.InfoContext(ctx, "tools registered", "tools", len(all))
}

func (b *Toolbox) register(ctx context.Context, all []Seen) error {
	for part := range slices.Chunk(all, perRegistration) {
		req := &internalv1.RegisterToolsRequest{WorkerId: b.cfg.WorkerID}
		for _, t := range part {
			req.Tools = append(req.Tools, &internalv1.ToolDescriptor{Tool: t.Name, Version: t.Version, Digest: t.Digest, DescriptorJson: t.Descriptor, ReadOnly: t.ReadOnly})
		}
		ctx, cancel := context.WithTimeout(ctx, registerTimeout)
		_, err := b.control.RegisterTools(ctx, req)
		cancel()
		if err != nil {
			return control.Error(err)
		}
	}
	return nil
}

func (b *Toolbox) close() {
	for _, k := range b.skills {
		k.mu.Lock()
		session := k.session
		k.session = nil
		k.mu.Unlock()
		if session != nil {
			_ = session.Close()
		}
	}
}
