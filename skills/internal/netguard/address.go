package netguard

import (
	"net/netip"
	"strings"
	"syscall"
)

type controlFunc func(network, address string, c syscall.RawConn) error

// refuseNonPublic runs after resolution and before connect, for each address that is tried.
func refuseNonPublic(network, address string, _ syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return refused("only TCP is dialled")
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !isPublic(ap.Addr()) {
		return refused("the address does not lead to a public host")
	}
	return nil
}

var (
	globalV6 = netip.MustParsePrefix("2000::/3")
	nat64    = netip.MustParsePrefix("64:ff9b::/96")
	// Source: the IANA special-purpose address registries, entries that are not globally reachable, and the
	// tunnels that carry an IPv4 address inside (6to4, Teredo).
	special = prefixes(
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	)
)

// isPublic reports whether addr is a globally reachable unicast address.
func isPublic(addr netip.Addr) bool {
	if addr.Zone() != "" {
		return false
	}
	addr = addr.Unmap()
	if nat64.Contains(addr) {
		// The last four bytes are the IPv4 address that the translator will dial.
		b := addr.As16()
		addr = netip.AddrFrom4([4]byte(b[12:]))
	}
	if addr.Is6() && !globalV6.Contains(addr) {
		return false
	}
	for _, p := range special {
		if p.Contains(addr) {
			return false
		}
	}
	return addr.IsGlobalUnicast()
}

func prefixes(in ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(in))
	for i, p := range in {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}
