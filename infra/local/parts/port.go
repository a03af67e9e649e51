package parts

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Ports are taken below the kernel's ephemeral range (32768 up): in it, any outgoing connection may grab
// the port between our look and the server's bind, or while a killed server is down.
const portLow, portHigh = 20000, 32000

// ChoosePort gives the port on 127.0.0.1 that is remembered in dir under name, else a free one, which it remembers;
// never one of avoid.
func ChoosePort(dir, name string, avoid ...int) (int, error) {
	return choosePort(dir, name, 0, avoid...)
}

// choosePort gives the wanted port if it is set and free. Otherwise it gives the one remembered in dir
// under name if that is free, else a new one, which it remembers. It never gives one of avoid, the ports
// that the same part is about to use, nor one that somebody has chosen and not bound yet.
func choosePort(dir, name string, want int, avoid ...int) (int, error) {
	if want != 0 {
		if !free(want) {
			return 0, fmt.Errorf("port %d on 127.0.0.1 is taken: stop what listens there, or choose another port", want)
		}
		return want, nil
	}
	file := filepath.Join(dir, name)
	body, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("remembered port: %w", err)
	}
	if port, err := strconv.Atoi(strings.TrimSpace(string(body))); err == nil && free(port) && !slices.Contains(avoid, port) && claim(port, file) {
		return port, nil
	}
	for range 200 {
		if port := portLow + rand.IntN(portHigh-portLow); free(port) && !slices.Contains(avoid, port) && claim(port, file) {
			return port, os.WriteFile(file, []byte(strconv.Itoa(port)+"\n"), 0o600)
		}
	}
	return 0, fmt.Errorf("no free port on 127.0.0.1 between %d and %d", portLow, portHigh)
}

func free(port int) bool {
	listener, err := net.Listen("tcp", address(port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
