package engine

import (
	"fmt"
	"strings"
)

// stream is the content of a stream. Character data is UTF-8.
type stream struct {
	binary bool
	data   []byte
	owner  *Session // that fills it and has not stored it yet; nil: it belongs to a row
}

func (s *System) newStream(binary bool, data []byte) Stream {
	s.lastStream++
	class := "%Stream.GlobalCharacter"
	if binary {
		class = "%Stream.GlobalBinary"
	}
	handle := fmt.Sprintf("%d@%s", s.lastStream, class)
	s.streams[handle] = &stream{binary: binary, data: data}
	s.streamBytes += int64(len(data))
	return Stream{Handle: handle, Binary: binary}
}

// NewStream makes an empty stream, to be filled by [Session.AppendStream] and given to a statement as a value: a
// [Stream], or its handle as text.
func (s *Session) NewStream(binary bool) Stream {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	st := s.sys.newStream(binary, nil)
	s.sys.streams[st.Handle].owner = s
	return st
}

// AppendStream adds to a stream. Character data is UTF-8.
func (s *Session) AppendStream(handle string, data []byte) error {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	st, ok := s.sys.streams[handle]
	if !ok {
		return fail(-412, "no stream '%s'", clean(handle))
	}
	st.data = append(st.data, data...)
	s.sys.streamBytes += int64(len(data))
	return nil
}

// ReadStream returns the content of a stream; the caller must not change it. Character data is UTF-8.
func (s *Session) ReadStream(handle string) (data []byte, binary bool, err error) {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	st, ok := s.sys.streams[handle]
	if !ok {
		return nil, false, fail(-412, "no stream '%s'", clean(handle))
	}
	return st.data[:len(st.data):len(st.data)], st.binary, nil
}

// clean makes text from outside fit for a message.
func clean(text string) string {
	return strings.ToValidUTF8(text, "?")
}
