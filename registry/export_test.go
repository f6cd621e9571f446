package registry

// MaxLost is how often an upload in chunks is begun anew.
const MaxLost = maxLost
