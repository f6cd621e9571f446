package registry

import "time"

// LimitUploads makes a client believe that every host has these limits, and a rate that was measured for so long.
func LimitUploads(c *Client, blob int64, upload, measured time.Duration) {
	c.limits = func(host string) limits { return limits{host: host, blob: blob, upload: upload} }
	c.measureFor = measured
}

// MaxLost is how often an upload in chunks is begun anew.
const MaxLost = maxLost
