package mastodon

import (
	"encoding/json"
	"mime"
	"net/http"
)

// mediaUpdate: nil leaves the field as it is.
type mediaUpdate struct {
	Description *string `json:"description"`
	Focus       *string `json:"focus"`
}

// readMediaUpdate takes JSON, or a form in either encoding. It answers by itself on false.
func readMediaUpdate(w http.ResponseWriter, r *http.Request) (mediaUpdate, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
	var in mediaUpdate
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch kind {
	case "application/json":
		err = json.NewDecoder(r.Body).Decode(&in)
	case "multipart/form-data":
		err = r.ParseMultipartForm(maxBodyBytes)
	default:
		err = r.ParseForm()
	}
	if err != nil {
		fail(w, http.StatusBadRequest, "Error parsing request parameters")
		return in, false
	}
	if kind != "application/json" {
		in.Description, in.Focus = formField(r, "description"), formField(r, "focus")
	}
	return in, true
}

func formField(r *http.Request, name string) *string {
	if !r.PostForm.Has(name) {
		return nil
	}
	value := r.PostForm.Get(name)
	return &value
}
