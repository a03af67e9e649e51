package parts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Account is an account on a PDS.
type Account struct {
	DID    string `json:"did"`
	Handle string `json:"handle"`
}

// CreateAccount makes an account; the handle must end in ".test". A handle or address that is taken is an error
// that quotes the server.
func (p *PDSServer) CreateAccount(ctx context.Context, handle, email, password string) (Account, error) {
	body, err := json.Marshal(map[string]string{"handle": handle, "email": email, "password": password})
	if err != nil {
		return Account{}, fmt.Errorf("create account %s: %w", handle, err)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+"/xrpc/com.atproto.server.createAccount", bytes.NewReader(body))
	if err != nil {
		return Account{}, fmt.Errorf("create account %s: %w", handle, err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return Account{}, fmt.Errorf("create account %s: %w", handle, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return Account{}, fmt.Errorf("create account %s: %w", handle, err)
	}
	if res.StatusCode != http.StatusOK {
		return Account{}, fmt.Errorf("create account %s: the PDS answered %s: %.300s", handle, res.Status, answer)
	}
	var account Account
	if err := json.Unmarshal(answer, &account); err != nil {
		return Account{}, fmt.Errorf("create account %s: %w", handle, err)
	}
	return account, nil
}
