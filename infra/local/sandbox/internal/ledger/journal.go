package ledger

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// event is one line of posts.jsonl.
type event struct {
	Op     string    `json:"op"` // create, update, delete, engage, media
	At     time.Time `json:"at"`
	ID     string    `json:"id,omitempty"`
	Post   *Post     `json:"post,omitempty"`
	Media  *Media    `json:"media,omitempty"`
	Counts *Counts   `json:"counts,omitempty"`
}

// ErrFull says that the journal or the media folder reached its bound. The data folder must be emptied.
var ErrFull = errors.New("sandbox data folder is full")

type journal struct {
	file *os.File
	size int64
	max  int64 // bytes; bounds memory too, for all of it is held
}

// openJournal replays every line into apply. A torn last line (killed while writing) was never
// answered to anyone, so it is cut off; a bad line before it is an error, for it was.
func openJournal(path string, maxBytes int64, apply func(event)) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	size, err := replay(file, path, apply)
	if err == nil {
		err = file.Truncate(size)
	}
	if err == nil {
		_, err = file.Seek(size, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &journal{file: file, size: size, max: maxBytes}, nil
}

func replay(file *os.File, path string, apply func(event)) (int64, error) {
	reader := bufio.NewReader(file)
	var good int64
	for line := 1; ; line++ {
		raw, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return good, nil
		}
		if err != nil {
			return 0, err
		}
		var e event
		if err := json.Unmarshal(bytes.TrimSpace(raw), &e); err != nil {
			return 0, fmt.Errorf("%s line %d: %w; remove the line or the folder", path, line, err)
		}
		apply(e)
		good += int64(len(raw))
	}
}

// append writes one line. No fsync: a killed process keeps what it wrote, and a sandbox need not
// survive a power cut.
func (j *journal) append(e event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if j.size+int64(len(line)) > j.max {
		return ErrFull
	}
	if _, err := j.file.Write(line); err != nil {
		// A short write must not leave half a line in front of the next one.
		_, seekErr := j.file.Seek(j.size, io.SeekStart)
		return errors.Join(err, j.file.Truncate(j.size), seekErr)
	}
	j.size += int64(len(line))
	return nil
}
