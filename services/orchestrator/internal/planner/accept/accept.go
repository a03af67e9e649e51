// Package accept holds acceptance criteria as data: what a step's output must look like to count as done
// (R7.3). Playbooks write them, the Judge evaluates them.
package accept

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"chimera/services/orchestrator/internal/planner/jsonpath"
)

// Modes a rule may be limited to.
const (
	Propose = "propose"
	Execute = "execute"
)

// Rule is one criterion over the value at Path; exactly one of the four tests is set.
type Rule struct {
	// Path is "a.b.0.c" into the output.
	Path string `yaml:"path" json:"path"`
	// Mode limits the rule to a proposal's or an execution's output; empty means always.
	Mode     string `yaml:"mode" json:"mode,omitempty"`
	MinItems *int   `yaml:"min_items" json:"min_items,omitempty"`
	MaxItems *int   `yaml:"max_items" json:"max_items,omitempty"`
	// MinLength counts characters after trimming white space.
	MinLength *int `yaml:"min_length" json:"min_length,omitempty"`
	// Equals is compared by value; strings and booleans only.
	Equals any `yaml:"equals" json:"equals,omitempty"`
	// Retry means that another attempt may meet the rule, for example once a write has become readable.
	Retry bool `yaml:"retry" json:"retry,omitempty"`
}

// Validate refuses a rule that could not be evaluated, or that could not fail.
func (r Rule) Validate() error {
	set := 0
	for _, n := range []*int{r.MinItems, r.MinLength} {
		if n != nil {
			set++
			if *n < 1 {
				return fmt.Errorf("accept %s: a minimum below 1 always holds", r.Path)
			}
		}
	}
	if r.MaxItems != nil {
		set++
		if *r.MaxItems < 0 {
			return fmt.Errorf("accept %s: max_items is negative", r.Path)
		}
	}
	switch r.Equals.(type) {
	case nil:
	case string, bool:
		set++
	default:
		return fmt.Errorf("accept %s: equals takes a string or a boolean", r.Path)
	}
	switch {
	case r.Path == "":
		return errors.New("accept: path is required")
	case set != 1:
		return fmt.Errorf("accept %s: want exactly one of min_items, max_items, min_length, equals", r.Path)
	case r.Mode != "" && r.Mode != Propose && r.Mode != Execute:
		return fmt.Errorf("accept %s: unknown mode %q", r.Path, r.Mode)
	}
	return nil
}

// Test says whether output meets the rule; threshold and value are for people.
func (r Rule) Test(output any) (ok bool, threshold, value string) {
	threshold = r.threshold()
	found, exists := jsonpath.Get(output, r.Path)
	if !exists {
		if r.MaxItems != nil {
			// Encoders write an empty list as null, or leave it out.
			return true, threshold, "0 items"
		}
		return false, threshold, "nothing"
	}
	switch {
	case r.MinItems != nil, r.MaxItems != nil:
		list, isList := found.([]any)
		if !isList {
			return false, threshold, "not a list"
		}
		return (r.MinItems == nil || len(list) >= *r.MinItems) && (r.MaxItems == nil || len(list) <= *r.MaxItems), threshold, fmt.Sprintf("%d items", len(list))
	case r.MinLength != nil:
		text, isText := found.(string)
		if !isText {
			return false, threshold, "not a text"
		}
		n := utf8.RuneCountInString(strings.TrimSpace(text))
		return n >= *r.MinLength, threshold, fmt.Sprintf("%d characters", n)
	}
	return r.Equals != nil && reflect.DeepEqual(found, r.Equals), threshold, fmt.Sprint(found)
}

func (r Rule) threshold() string {
	switch {
	case r.MinItems != nil:
		return fmt.Sprintf("at least %d items", *r.MinItems)
	case r.MaxItems != nil:
		return fmt.Sprintf("at most %d items", *r.MaxItems)
	case r.MinLength != nil:
		return fmt.Sprintf("at least %d characters", *r.MinLength)
	}
	return fmt.Sprintf("equal to %v", r.Equals)
}
