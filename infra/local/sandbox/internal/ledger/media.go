package ledger

import (
	"bytes"
	"errors"
	"image"
	_ "image/gif" // decoders for the pixel size only
	_ "image/jpeg"
	_ "image/png"
	"io/fs"
	"os"
	"path/filepath"

	"chimera/infra/local/sandbox/internal/cid"
)

// IPTC's term for generated media; XMP and C2PA both carry this URI in clear.
var generatedMedia = []byte("digitalsourcetype/trainedAlgorithmicMedia")

// AddMedia stores bytes and describes them. m.CID, Size, Width, Height and MarkedAI are filled in.
// Under an ID that exists it replaces the description. ErrFull above 1 GiB in all.
func (l *Ledger) AddMedia(m Media, data []byte) (Media, error) {
	m.CID, m.Size = cid.Raw(data), int64(len(data))
	m.MarkedAI = bytes.Contains(data, generatedMedia)
	if config, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
		m.Width, m.Height = config.Width, config.Height
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.blobs[m.CID]; !known {
		if l.stored+m.Size > maxMediaBytes {
			return Media{}, ErrFull
		}
		if err := writeOnce(l.blobPath(m.CID), data); err != nil {
			return Media{}, err
		}
	}
	if old := l.media[m.ID]; old != nil {
		m.Attached = old.Attached
	}
	stored := m
	return m, l.record(event{Op: "media", Media: &stored})
}

// Describe changes the description of an upload.
func (l *Ledger) Describe(id, alt, focus string) (Media, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.media[id]
	if old == nil {
		return Media{}, ErrNotFound
	}
	changed := *old
	changed.Alt, changed.Focus = alt, focus
	stored := changed
	return changed, l.record(event{Op: "media", Media: &stored})
}

func (l *Ledger) Media(id string) (Media, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	m := l.media[id]
	if m == nil {
		return Media{}, false
	}
	return *m, true
}

// Blob opens stored bytes by CID, for which only CIDs that were uploaded qualify. The caller closes.
func (l *Ledger) Blob(id string) (*os.File, string, error) {
	l.mu.RLock()
	mime, known := l.blobs[id]
	l.mu.RUnlock()
	if !known {
		return nil, "", ErrNotFound
	}
	file, err := os.Open(l.blobPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", ErrNotFound
	}
	return file, mime, err
}

func (l *Ledger) blobPath(id string) string { return filepath.Join(l.dir, "blobs", id) }

func writeOnce(path string, data []byte) error {
	part := path + ".part"
	if err := os.WriteFile(part, data, 0o600); err != nil {
		return err
	}
	return os.Rename(part, path)
}
