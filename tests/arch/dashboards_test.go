package arch_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// A panel whose source nobody provisions shows an error to the one person who looks when something is wrong. That its
// series exist is the e2e's to say, that Prometheus understands it `make smoke-compose`'s.
func TestPanelsAskTheProvisionedSource(t *testing.T) { // R0.4, R14.2
	raw, err := os.ReadFile(at("infra/grafana/provisioning/datasources/prometheus.yaml"))
	require.NoError(t, err)
	var provisioned struct {
		Datasources []struct{ UID, Type, URL string }
	}
	require.NoError(t, yaml.Unmarshal(raw, &provisioned))
	var sources []string
	for _, d := range provisioned.Datasources {
		sources = append(sources, d.Type+"/"+d.UID)
		require.Equal(t, "http://prometheus:9090", d.URL, "the name that compose.yaml gives it")
	}
	files, err := filepath.Glob(at("infra/grafana/dashboards/*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var board struct {
			UID, Title string
			Panels     []struct {
				ID         int
				Title      string
				Datasource struct{ UID, Type string }
				GridPos    struct{ X, Y, W, H int }
				Targets    []struct{ RefID, Expr string }
			}
		}
		require.NoError(t, json.Unmarshal(raw, &board), file)
		require.NotEmpty(t, board.UID)
		require.NotEmpty(t, board.Panels)
		var ids []int
		for _, p := range board.Panels {
			require.NotEmpty(t, p.Title)
			require.Contains(t, sources, p.Datasource.Type+"/"+p.Datasource.UID, "%s: %s", file, p.Title)
			require.NotEmpty(t, p.Targets, p.Title)
			require.True(t, p.GridPos.W > 0 && p.GridPos.H > 0 && p.GridPos.X+p.GridPos.W <= 24, "%s does not fit the grid", p.Title)
			require.False(t, slices.Contains(ids, p.ID), "two panels have the id %d", p.ID)
			ids = append(ids, p.ID)
		}
	}
}

// Each alert that a person gets says what is wrong; one with a runbook names one that is there.
func TestAlertsSayWhatToDo(t *testing.T) { // R12.3, R14.2
	raw, err := os.ReadFile(at("infra/prometheus/alerts.yml"))
	require.NoError(t, err)
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Labels      map[string]string
				Annotations map[string]string
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(raw, &rules))
	require.NotEmpty(t, rules.Groups)
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			require.NotEmpty(t, r.Expr, r.Alert)
			require.NotEmpty(t, r.Annotations["summary"], r.Alert)
			require.Contains(t, []string{"page", "ticket"}, r.Labels["severity"], r.Alert)
			if runbook := r.Annotations["runbook"]; runbook != "" {
				require.FileExists(t, at(runbook))
			}
		}
	}
}
