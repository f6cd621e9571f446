package faultproxy

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// Untaken is how many bytes wait in the kernel for the clients of this proxy to take them. Of a client that is killed
// now they are lost, and a busy machine lets many gather, so who counts what a client loses by itself leaves them out.
// It is known on Linux and 0 elsewhere. With TLS they are bytes of records.
func (p *Proxy) Untaken() (n int64) {
	table, _ := os.ReadFile("/proc/net/tcp") // proc_net_tcp(5): addresses and queues in hexadecimal
	port := fmt.Sprintf(":%04X", p.Listener.Addr().(*net.TCPAddr).Port)
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line) // sl, local address, remote address, state, tx_queue:rx_queue, ...
		if len(f) < 5 || !strings.HasSuffix(f[2], port) {
			continue
		}
		_, unread, _ := strings.Cut(f[4], ":")
		k, _ := strconv.ParseInt(unread, 16, 64)
		n += k
	}
	return n
}
