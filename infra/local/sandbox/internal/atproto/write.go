package atproto

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/cid"
	"chimera/infra/local/sandbox/internal/fault"
	"chimera/infra/local/sandbox/internal/ledger"
)

const postCollection = "app.bsky.feed.post"

type writeInput struct {
	Repo       string          `json:"repo"`
	Collection string          `json:"collection"`
	RKey       string          `json:"rkey"`
	Record     json.RawMessage `json:"record"`
	SwapRecord json.RawMessage `json:"swapRecord"`
	SwapCommit json.RawMessage `json:"swapCommit"`
}

// begin reads a write and checks that it goes to the caller's own repo. It answers by itself on false.
func (a *API) begin(w http.ResponseWriter, r *http.Request) (in writeInput, owner account.Account, ok bool) {
	if owner, ok = a.authenticate(w, r, scopeAccess); !ok {
		return in, owner, false
	}
	if !readJSON(w, r, &in) {
		return in, owner, false
	}
	target, known := a.Accounts.Find(ledger.Bluesky, in.Repo)
	switch {
	case !known:
		badRequest(w, "InvalidRequest", "Could not find repo: %s", in.Repo)
	case target.ID != owner.ID:
		fail(w, http.StatusUnauthorized, "AuthenticationRequired", "Authentication Required")
	case in.Collection != postCollection:
		badRequest(w, "InvalidRequest", "the sandbox keeps only %s, not %s", postCollection, in.Collection)
	case in.SwapRecord != nil || in.SwapCommit != nil:
		badRequest(w, "InvalidRequest", "the sandbox does not do swapRecord and swapCommit")
	default:
		return in, owner, true
	}
	return in, owner, false
}

// createRecord fails on a used rkey with an opaque 500, as the real one does: "exists" cannot be told
// from "broken".
func (a *API) createRecord(w http.ResponseWriter, r *http.Request) {
	in, owner, ok := a.begin(w, r)
	if !ok {
		return
	}
	if in.RKey == "" {
		in.RKey = a.tids.Next(a.Now())
	}
	post, ok := a.prepare(w, in, owner)
	if !ok {
		return
	}
	stored, outcome, err := a.Ledger.Create(post, 0)
	switch {
	case err != nil:
		storeError(w, err)
	case outcome == ledger.Unchanged:
		internalError(w)
	default:
		a.written(w, stored, outcome)
	}
}

// putRecord may be repeated at will: the same body under the same rkey makes no new commit.
func (a *API) putRecord(w http.ResponseWriter, r *http.Request) {
	in, owner, ok := a.begin(w, r)
	if !ok {
		return
	}
	post, ok := a.prepare(w, in, owner)
	if !ok {
		return
	}
	stored, outcome, err := a.Ledger.Put(post)
	if err != nil {
		storeError(w, err)
		return
	}
	a.written(w, stored, outcome)
}

func (a *API) prepare(w http.ResponseWriter, in writeInput, owner account.Account) (ledger.Post, bool) {
	// The lexicon gives posts TID keys. A PDS may be laxer; being strict here keeps clients correct.
	if !cid.ValidTID(in.RKey) {
		badRequest(w, "InvalidRequest", "Input/rkey must be a TID, got %.40q", in.RKey)
		return ledger.Post{}, false
	}
	target := a.targetOf(owner, "post.create")
	if a.Ledger.KeyUsed(ledger.Bluesky, owner.ID, in.RKey) {
		if f, hit := a.Faults.TakeKind(target, fault.ErrorOnExistingKey); hit {
			fail(w, f.Status, "InternalServerError", "Internal Server Error")
			return ledger.Post{}, false
		}
	}
	post, problem := a.parsePost(in.Record, owner)
	if problem != nil {
		badRequest(w, problem.name, "%s", problem.message)
		return ledger.Post{}, false
	}
	post.ID, post.NativeID, post.Key = pageID(owner.ID, in.RKey), in.RKey, in.RKey
	if f, hit := a.Faults.TakeKind(target, fault.ReadLag); hit {
		post.VisibleAt = a.Now().Add(f.Delay(time.Second))
	}
	return post, true
}

func (a *API) targetOf(owner account.Account, op string) fault.Target {
	return fault.Target{Platform: ledger.Bluesky, Op: op, AccountID: owner.ID, Handle: owner.Handle, Authenticated: true}
}

func (a *API) written(w http.ResponseWriter, p ledger.Post, outcome ledger.Outcome) {
	body := map[string]any{"uri": uriOf(p), "cid": p.CID, "validationStatus": "valid"}
	if outcome != ledger.Unchanged {
		body["commit"] = a.commit(p.CID)
	}
	reply(w, body)
}

// commit has the shape of a commit; there is no signed tree behind it.
func (a *API) commit(of string) map[string]string {
	rev := a.tids.Next(a.Now())
	return map[string]string{"cid": cid.Raw([]byte(of + rev)), "rev": rev}
}

// deleteRecord of what is not there succeeds, without a commit.
func (a *API) deleteRecord(w http.ResponseWriter, r *http.Request) {
	in, owner, ok := a.begin(w, r)
	if !ok {
		return
	}
	gone, err := a.Ledger.Delete(pageID(owner.ID, in.RKey))
	if err != nil {
		reply(w, map[string]any{})
		return
	}
	reply(w, map[string]any{"commit": a.commit(gone.CID)})
}

func compact(raw json.RawMessage) json.RawMessage {
	var out bytes.Buffer
	if json.Compact(&out, raw) != nil {
		return raw
	}
	return out.Bytes()
}
