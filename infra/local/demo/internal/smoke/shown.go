package smoke

import (
	"context"
	"fmt"
	"strings"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/infra/local/login"
)

// shown logs a reviewer in at the Platform and reads every post's page there: login, proxy and rendering in one.
func (r *run) shown(ctx context.Context, posts []*platformv1.GetPostResponse) error {
	browser, err := login.Web(ctx, r.State.Platform+"/api/auth/login", "reviewer", r.Password("reviewer"))
	if err != nil {
		return fmt.Errorf("the Platform lets nobody in: %w", err)
	}
	for _, post := range posts {
		url := fmt.Sprintf("%s/t/%s/posts/%s", r.State.Platform, r.Tenant, post.GetPost().GetId())
		page, err := get(ctx, browser, url)
		if err != nil {
			return fmt.Errorf("the Platform's page of a post: %w", err)
		}
		if !strings.Contains(bare(string(page)), bare(post.GetPost().GetText())) {
			return fmt.Errorf("the Platform's page %s does not show the approved text", url)
		}
		r.Say("the Platform shows it: " + url)
	}
	return nil
}
