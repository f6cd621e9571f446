// Package server is a small OCI registry over a directory: what `irisfix serve` runs, and what tests push to. It
// implements the OCI distribution specification 1.1 (pull, push, content discovery, content management, referrers) as
// an [http.Handler].
//
// There is no authentication and no TLS. Whoever reaches the listener may read, replace and delete everything; it
// belongs on a loopback address or behind a proxy that decides who may do what. Requests that a web page makes from
// another origin are refused.
//
// # On disk
//
//	irisfix-registry                         says that the directory is a registry, and its format
//	lock                                     held while a server uses the directory
//	uploads/                                 uploads under way; without a name, so never visible
//	blobs/sha256/HEX                         the bytes of a blob, once for all repositories
//	repositories/NAME/blobs/sha256/HEX       exists: the repository has this blob
//	repositories/NAME/manifests/sha256/HEX   media type, line feed, the manifest as it was pushed
//	repositories/NAME/tags/TAG.tag           the digest that the tag names
//
// The slashes of NAME are written as '+', the capitals of TAG as '!' and the small letter, since some file systems do
// not tell the cases apart.
//
// # What is synced, and when
//
// A blob is not synced when it arrives: 2,000 small ones would cost 2,000 waits for the disk, and nothing hangs on
// them yet. A manifest is the promise that its blobs are there, so it is stored only after the blobs that it names
// are on stable storage; then come the tags, each a synced file replaced by rename. Hence a tag never survives a power
// cut without what it names. A blob that no manifest names may be lost or cut short by one; so when a directory is
// opened, those are read and the damaged ones removed, as is everything that an earlier process left half done.
package server
