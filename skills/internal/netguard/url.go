package netguard

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// checkURL refuses what no public page needs. It is the cheap first look; the address itself is judged when it is dialled.
func (g gate) checkURL(u *url.URL) error {
	port := u.Port()
	switch u.Scheme {
	case "http":
		port = orDefault(port, "80")
	case "https":
		port = orDefault(port, "443")
	default:
		return refused("only http and https addresses are fetched")
	}
	host := u.Hostname()
	switch {
	case u.User != nil:
		return refused("an address with a user name or password is not fetched")
	case host == "" || u.Opaque != "":
		return refused("the address names no host")
	case g.isAllowed(net.JoinHostPort(host, port)):
		return nil
	case !slices.Contains(g.ports, port):
		return refused("only ports 80 and 443 are fetched from")
	case looksNumeric(host):
		return refused("the address is a number in disguise")
	}
	return nil
}

// looksNumeric finds hosts that are no proper IP address but that some resolvers read as one: 2130706433,
// 0x7f.1, 0177.0.0.1, 127.1 (the "ends in a number" rule of the URL standard).
func looksNumeric(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	last := strings.TrimSuffix(host, ".")
	last = strings.ToLower(last[strings.LastIndexByte(last, '.')+1:])
	digits := "0123456789"
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		last, digits = hex, digits+"abcdef"
	}
	return strings.Trim(last, digits) == ""
}
