package compose

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// scrapeWait is how long the first scrapes may take: two intervals of infra/prometheus/prometheus.yml, and some.
const scrapeWait = 45 * time.Second

// prometheusPort is where Prometheus listens inside its container.
const prometheusPort = 9090

// Observe starts Prometheus beside the stack, and the profile's other services too where all is true (their images
// must be had). It returns when Prometheus scrapes every process, has loaded every rule, and understands every
// expression of the dashboards.
func (s Stack) Observe(ctx context.Context, all bool) error {
	args := []string{"--profile", "observability", "up", "--detach", "--wait", "--wait-timeout", "120", "prometheus"}
	if all {
		args = append(args, "grafana", "otel-collector")
	}
	if err := s.docker(ctx, args...); err != nil {
		return err
	}
	at, err := s.published(ctx, "prometheus", prometheusPort)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, scrapeWait)
	defer cancel()
	p := prometheus{at}
	if err := p.awaitTargets(ctx); err != nil {
		return err
	}
	if err := p.rules(ctx); err != nil {
		return err
	}
	expressions, err := dashboardExpressions(s.Root)
	if err != nil {
		return err
	}
	for _, e := range expressions {
		if err := p.ask(ctx, "/api/v1/query?query="+url.QueryEscape(e), nil); err != nil {
			return fmt.Errorf("%s: %w", e, err)
		}
	}
	return nil
}

func (s Stack) published(ctx context.Context, service string, target int) (string, error) {
	out, err := s.ask(ctx, "--profile", "observability", "config", "--format", "json")
	if err != nil {
		return "", err
	}
	var doc document
	if err := json.Unmarshal(out, &doc); err != nil {
		return "", fmt.Errorf("docker compose config: %w", err)
	}
	if at := doc.published(service, target); at != "" {
		return at, nil
	}
	return "", fmt.Errorf("compose.yaml publishes no port %d of %s", target, service)
}

// prometheus is the address of one.
type prometheus struct{ at string }

func (p prometheus) ask(ctx context.Context, path string, data any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.at+path, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.NewDecoder(io.LimitReader(res.Body, 16<<20)).Decode(&answer); err != nil {
		return fmt.Errorf("prometheus: %w", err)
	}
	if answer.Status != "success" {
		return fmt.Errorf("prometheus: %s", answer.Error)
	}
	return nil
}

// scraped are the processes that prometheus.yml names: orchestrator, worker, four skills.
const scraped = 6

func (p prometheus) awaitTargets(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		var targets struct {
			ActiveTargets []struct{ ScrapeURL, Health, LastError string }
		}
		err := p.ask(ctx, "/api/v1/targets?state=active", &targets)
		var down []string
		for _, t := range targets.ActiveTargets {
			if t.Health != "up" {
				down = append(down, t.ScrapeURL+" is "+t.Health+" "+t.LastError)
			}
		}
		if err == nil && len(down) == 0 && len(targets.ActiveTargets) == scraped {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("prometheus has %d of %d targets: %s", len(targets.ActiveTargets), scraped, strings.Join(down, "; ")), err)
		case <-tick.C:
		}
	}
}

func (p prometheus) rules(ctx context.Context) error {
	var loaded struct {
		Groups []struct {
			Rules []struct{ Name, LastError string }
		}
	}
	if err := p.ask(ctx, "/api/v1/rules", &loaded); err != nil {
		return err
	}
	n := 0
	for _, g := range loaded.Groups {
		for _, r := range g.Rules {
			n++
			if r.LastError != "" {
				return fmt.Errorf("alert %s: %s", r.Name, r.LastError)
			}
		}
	}
	if n == 0 {
		return errors.New("prometheus has loaded no rule")
	}
	return nil
}

// dashboardExpressions are what the panels under infra/grafana ask.
func dashboardExpressions(root string) (all []string, err error) {
	files, err := filepath.Glob(filepath.Join(root, "infra/grafana/dashboards/*.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var board struct {
			Panels []struct{ Targets []struct{ Expr string } }
		}
		if err := json.Unmarshal(raw, &board); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, panel := range board.Panels {
			for _, t := range panel.Targets {
				if strings.TrimSpace(t.Expr) == "" {
					return nil, fmt.Errorf("%s has a panel that asks nothing", file)
				}
				all = append(all, t.Expr)
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("infra/grafana/dashboards has no panel")
	}
	return all, nil
}
