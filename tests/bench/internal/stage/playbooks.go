package stage

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Tools that answer at once: in the bench's own worker, so sure of nothing that a person must look, and in a real
// skill process over MCP.
const (
	InProcess = "inproc.noop"
	Doubtful  = "inproc.doubt"
	OverMCP   = "noop.noop"
)

// Shape is what one plan looks like.
type Shape string

// Shapes: one task; a hundred independent tasks (fifty steps for each of two accounts, within the planner's own
// limit); three steps, each waiting for the one before.
const (
	One     Shape = "one"
	Hundred Shape = "hundred"
	Chain   Shape = "chain"
)

// Tasks is how many tasks a plan of the shape has.
func (s Shape) Tasks() int { return map[Shape]int{One: 1, Hundred: 100, Chain: 3}[s] }

// Playbook names the plan of a shape whose tasks call a tool.
func Playbook(s Shape, tool string) string {
	return "bench-" + string(s) + "-" + strings.ReplaceAll(tool, ".", "-")
}

// The judge has something to check on every output, as it has in the field.
const node = `
  - key: %s
    title: Do nothing
    tool: %s
    kind: read
    per_account: %t
    depends_on: [%s]
    arguments: {text: {$campaign: goal}}
    accept: [{path: ok, equals: true}]
    timeout: 30s
    max_attempts: 3
    priority: 10
`

func playbook(s Shape, tool string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "name: %s\ntitle: Bench\ndescription: Plans for measuring.\nnodes:", Playbook(s, tool))
	switch s {
	case One:
		fmt.Fprintf(&out, node, "a", tool, false, "")
	case Chain:
		fmt.Fprintf(&out, node, "a", tool, false, "")
		fmt.Fprintf(&out, node, "b", tool, false, "a")
		fmt.Fprintf(&out, node, "c", tool, false, "b")
	case Hundred:
		for i := range 50 {
			fmt.Fprintf(&out, node, fmt.Sprintf("step_%d", i), tool, true, "")
		}
	}
	return out.String()
}

// overlay writes the bench's playbooks aside and tells the compiler to see them among the orchestrator's own: the
// measured binary differs from the shipped one in embedded data only.
func overlay(root, dir string) (string, error) {
	replace := map[string]string{}
	for _, shape := range []Shape{One, Hundred, Chain} {
		for _, tool := range []string{InProcess, Doubtful, OverMCP} {
			name := Playbook(shape, tool) + ".yaml"
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(playbook(shape, tool)), 0o600); err != nil {
				return "", err
			}
			replace[filepath.Join(root, "services/orchestrator/internal/planner/playbooks", name)] = path
		}
	}
	raw, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, raw, 0o600)
}
