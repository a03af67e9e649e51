// Package logs shows what the demo's processes logged about one request, task or trace: what a log store does where
// there is one. It reads the log files as they are; the processes keep secrets out of them.
package logs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	// tail is how many bytes at the end of each file are looked through.
	tail = 16 << 20
	// most is how many lines are shown; the newest ones win.
	most = 500
)

// ErrID refuses a text that cannot be an id: a search for "a" would answer everything.
var ErrID = errors.New("want the id of a request, a task or a trace: 8 to 64 letters, digits, - or _")

var idForm = regexp.MustCompile(`^[0-9A-Za-z_-]{8,64}$`)

// Line is one that names the id.
type Line struct {
	Time, Level, Service, Message string
	Fields                        []Field
}

// Field is one more attribute of a line, nested ones as JSON.
type Field struct{ Name, Value string }

// Find answers the lines of dir's *.log files that name id, oldest first, and whether there were too many. ErrID.
func Find(dir, id string) (lines []Line, more bool, err error) {
	if !idForm.MatchString(id) {
		return nil, false, ErrID
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		return nil, false, err
	}
	for _, file := range files {
		found, err := scan(file, []byte(id))
		if err != nil {
			return nil, false, fmt.Errorf("read %s: %w", filepath.Base(file), err)
		}
		lines = append(lines, found...)
	}
	// RFC 3339 in UTC sorts as text.
	slices.SortStableFunc(lines, func(a, b Line) int { return strings.Compare(a.Time, b.Time) })
	if len(lines) > most {
		return lines[len(lines)-most:], true, nil
	}
	return lines, false, nil
}

func scan(path string, id []byte) ([]Line, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // a link to a part that does not run
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.Size() > tail {
		if _, err := file.Seek(-tail, io.SeekEnd); err != nil {
			return nil, err
		}
	}
	var lines []Line
	scanner := bufio.NewScanner(file)
	scanner.Buffer(make([]byte, 64<<10), 1<<20)
	for scanner.Scan() {
		if raw := scanner.Bytes(); bytes.Contains(raw, id) {
			if line, ok := parse(raw); ok {
				lines = append(lines, line)
			}
		}
	}
	return lines, scanner.Err()
}

// parse reads a line of slog's JSON handler; lines of other programs are not shown.
func parse(raw []byte) (Line, bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return Line{}, false
	}
	take := func(name string) string {
		text := plain(fields[name])
		delete(fields, name)
		return text
	}
	line := Line{Time: take("time"), Level: take("level"), Service: take("service"), Message: take("msg")}
	for name, value := range fields {
		line.Fields = append(line.Fields, Field{name, plain(value)})
	}
	slices.SortFunc(line.Fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return line, line.Time != ""
}

func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
