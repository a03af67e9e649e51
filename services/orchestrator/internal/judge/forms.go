package judge

import (
	"container/list"
	"crypto/sha256"
	"encoding/json"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"
)

// A tool's schema is pinned by its digest and judged by thousands of times; making it ready costs some twenty times what holding
// an output against it does. So what was made of the last schemas is kept: a memory of what their bytes mean, which no
// verdict can tell from making it anew.
const (
	// maxForms bounds how many are kept, maxForm the bytes of one that is: a larger one is made anew each time.
	maxForms = 64
	maxForm  = 32 << 10
)

// form is a schema ready to hold outputs against, or why it cannot be.
type form struct {
	schema *jsonschema.Resolved
	// nodes is its size with its references followed.
	nodes int
	err   error
}

type heldForm struct {
	key [sha256.Size]byte
	form
}

// forms keeps the last ones asked for, the latest in front.
type forms struct {
	mu    sync.Mutex
	held  map[[sha256.Size]byte]*list.Element
	order *list.List
}

var knownForms = &forms{held: map[[sha256.Size]byte]*list.Element{}, order: list.New()}

func (f *forms) of(schema []byte) form {
	if len(schema) > maxForm {
		return makeForm(schema)
	}
	key := sha256.Sum256(schema)
	if made, ok := f.get(key); ok {
		return made
	}
	made := makeForm(schema)
	f.put(key, made)
	return made
}

func (f *forms) get(key [sha256.Size]byte) (form, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, ok := f.held[key]
	if !ok {
		return form{}, false
	}
	f.order.MoveToFront(e)
	return e.Value.(heldForm).form, true
}

func (f *forms) put(key [sha256.Size]byte, made form) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held[key] != nil {
		return
	}
	f.held[key] = f.order.PushFront(heldForm{key, made})
	if f.order.Len() > maxForms {
		oldest := f.order.Back()
		delete(f.held, f.order.Remove(oldest).(heldForm).key)
	}
}

func makeForm(schema []byte) form {
	var plain any
	if err := json.Unmarshal(schema, &plain); err != nil {
		return form{err: err}
	}
	nodes, err := expanded(plain)
	if err != nil {
		return form{err: err}
	}
	s := &jsonschema.Schema{}
	if err := json.Unmarshal(schema, s); err != nil {
		return form{err: err}
	}
	resolved, err := s.Resolve(nil)
	return form{schema: resolved, nodes: nodes, err: err}
}
