// Package lfs takes repositories out of Git LFS: it reads pointers and history with git, packs and pushes the fixtures at
// HEAD with the digests that they have there, keeps every other object of the history in an archive in the same registry,
// and serves Git LFS from that archive as a custom transfer agent.
//
// An object of Git LFS is named by the SHA-256 of its bytes, and so is a layer; so nothing is hashed beforehand, and a
// file is read in the pass that sends it. No history is rewritten and no file of a work tree changed. Pointers, object
// stores and messages of Git LFS come from outside and are checked before they are believed.
package lfs
