package smoke

import (
	"context"
	"fmt"
	"io"
	"net/http"
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
		page, err := open(ctx, browser, url)
		if err != nil {
			return fmt.Errorf("the Platform's page of a post: %w", err)
		}
		if !strings.Contains(bare(page), bare(post.GetPost().GetText())) {
			return fmt.Errorf("the Platform's page %s does not show the approved text", url)
		}
		r.Say("the Platform shows it: " + url)
	}
	return nil
}

func open(ctx context.Context, browser *http.Client, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	res, err := browser.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxPage))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", url, res.Status)
	}
	return string(body), err
}
