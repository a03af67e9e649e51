// Package counts measures what a run costs: CPU by group of processes, WAL flushes, Redis commands. Counted figures
// hold on a machine that others use too, where timed ones do not.
package counts

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/<pid>/stat and /proc/stat: USER_HZ, 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// process is one line of the process table.
type process struct {
	pid, parent int
	// own is its threads' user and system time; reaped that of its children that ended and were waited for.
	own, reaped time.Duration
}

// parseStat reads /proc/<pid>/stat. The command's name, in brackets, may hold anything, brackets and blanks too.
func parseStat(raw string) (process, error) {
	from, to := strings.IndexByte(raw, '('), strings.LastIndexByte(raw, ')')
	if from < 0 || to < from {
		return process{}, fmt.Errorf("no command in %q", raw)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(raw[:from]))
	if err != nil {
		return process{}, err
	}
	// From the third field on: state, ppid, …, utime (14th), stime, cutime, cstime.
	fields := strings.Fields(raw[to+1:])
	if len(fields) < 15 {
		return process{}, fmt.Errorf("%d: %d fields", pid, len(fields))
	}
	n := make([]int64, 15)
	for _, i := range []int{1, 11, 12, 13, 14} {
		if n[i], err = strconv.ParseInt(fields[i], 10, 64); err != nil {
			return process{}, err
		}
	}
	return process{pid: pid, parent: int(n[1]), own: time.Duration(n[11]+n[12]) * tick, reaped: time.Duration(n[13]+n[14]) * tick}, nil
}

// table is all processes that can be read now.
func table() (map[int]process, error) {
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	all := make(map[int]process, len(paths))
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		p, err := parseStat(string(raw))
		if err != nil {
			return nil, err
		}
		all[p.pid] = p
	}
	return all, nil
}

// tree sums a process and all below it. A child that ended within the tree is in its parent's reaped time, so
// nothing is lost and nothing counts twice.
func tree(all map[int]process, roots ...int) time.Duration {
	children := map[int][]int{}
	for pid, p := range all {
		children[p.parent] = append(children[p.parent], pid)
	}
	var sum time.Duration
	for queue := append([]int(nil), roots...); len(queue) > 0; queue = queue[1:] {
		p, ok := all[queue[0]]
		if !ok {
			continue
		}
		sum += p.own + p.reaped
		queue = append(queue, children[p.pid]...)
	}
	return sum
}

// CPU is CPU time used so far.
type CPU struct {
	Ours, Postgres, Redis time.Duration
	// Client is the bench itself; Machine everything that ran, time stolen by the hypervisor too.
	Client, Machine time.Duration
}

// Sub is what was used since before.
func (c CPU) Sub(before CPU) CPU {
	return CPU{c.Ours - before.Ours, c.Postgres - before.Postgres, c.Redis - before.Redis, c.Client - before.Client, c.Machine - before.Machine}
}

// Measured is what the system and its parts used.
func (c CPU) Measured() time.Duration { return c.Ours + c.Postgres + c.Redis }

// Others is the share of the machine, 0 to 1, that neither the system nor the bench used in wall.
func (c CPU) Others(wall time.Duration, cores int) float64 {
	return max(0, float64(c.Machine-c.Measured()-c.Client)/(float64(wall)*float64(cores)))
}

// ReadCPU reads the groups' CPU time: ours are processes of the system, which may be none's children but the bench's.
func ReadCPU(ours []int, postgres, redis int) (CPU, error) {
	all, err := table()
	if err != nil {
		return CPU{}, err
	}
	machine, err := machineTime()
	if err != nil {
		return CPU{}, err
	}
	// The bench started the others, but it is the client only.
	self := all[os.Getpid()]
	return CPU{Ours: tree(all, ours...), Postgres: tree(all, postgres), Redis: tree(all, redis), Client: self.own, Machine: machine}, nil
}

func machineTime() (time.Duration, error) {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	return parseMachine(string(raw))
}

// parseMachine sums the first line of /proc/stat without idle and iowait. Guest time is within user time already.
func parseMachine(raw string) (time.Duration, error) {
	line, _, _ := strings.Cut(raw, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, fmt.Errorf("not /proc/stat: %q", line)
	}
	var sum int64
	for i, field := range fields[1:9] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		if i != 3 && i != 4 {
			sum += n
		}
	}
	return time.Duration(sum) * tick, nil
}

// RSS is a process's resident memory in bytes, 0 when it is gone.
func RSS(pid int) int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(raw))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
