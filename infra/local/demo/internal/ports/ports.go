// Package ports gives each process of the demo a port on loopback that stays the same from start to start.
package ports

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"time"

	"chimera/infra/local/demo/internal/folder"
)

const file = "ports.json"

// search is how far above its default a taken port may be moved. All of it lies below the kernel's ephemeral
// range, where any outgoing connection could take the port while a killed process is down.
const search = 200

// Want is one port. What the demo's database refers to by address is Pinned once it was chosen.
type Want struct {
	Name    string
	Default int
	Pinned  bool
	// Other says that the demo itself does not listen there: once chosen, a listener is taken for the one it is for.
	Other bool
}

// Ports are by name.
type Ports map[string]int

// Choose reads the remembered ports, moves those that are taken, and remembers the rest. A pinned port that
// is taken after the first start is an error: the data points to it. Remembered ports that are taken may be free again
// within patience: the processes of a supervisor that was killed a moment ago are still ending.
func Choose(f folder.Folder, wants []Want, patience time.Duration) (Ports, error) {
	known := Ports{}
	if err := f.ReadJSON(file, &known); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	chosen, begin := Ports{}, time.Now()
	used := map[int]bool{}
	for _, w := range wants {
		port, remembered := known[w.Name]
		if !remembered {
			port = w.Default
		}
		if remembered && w.Other && !used[port] {
			chosen[w.Name], used[port] = port, true
			continue
		}
		for until := begin.Add(patience); remembered && !Free(port) && time.Now().Before(until); {
			time.Sleep(50 * time.Millisecond)
		}
		if remembered && w.Pinned && !Free(port) {
			return nil, fmt.Errorf("port %d is taken, and the demo's data points to it (%s): stop what listens there, or start anew with an empty folder instead of %s", port, w.Name, f.Dir)
		}
		moved, err := next(port, used)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Name, err)
		}
		chosen[w.Name], used[moved] = moved, true
	}
	return chosen, f.WriteJSON(file, chosen)
}

func next(from int, used map[int]bool) (int, error) {
	for port := from; port < from+search; port++ {
		if !used[port] && Free(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no free port on 127.0.0.1 between %d and %d", from, from+search-1)
}

// Free tells whether a port on loopback can be listened on now.
func Free(port int) bool {
	listener, err := net.Listen("tcp", Address(port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

// Address is 127.0.0.1:port.
func Address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// Address is the named port's.
func (p Ports) Address(name string) string { return Address(p[name]) }

// URL is the named port's, over plain HTTP.
func (p Ports) URL(name string) string { return "http://" + Address(p[name]) }
