package engine

import "strings"

// reclaimFrom is how much streams may hold before those are looked for that nothing refers to.
const reclaimFrom = 64 << 20

// reclaim forgets the streams that no row has, no transaction could bring back, and no session is filling.
func (s *System) reclaim() error {
	if s.streamBytes < s.reclaimAt {
		return nil
	}
	used := map[string]bool{}
	for _, n := range s.namespaces {
		for _, t := range n.tables {
			for _, c := range t.columns {
				if c.kind != kCharStream && c.kind != kBinStream {
					continue
				}
				rows, err := s.rows("SELECT " + c.sqlite() + " FROM " + t.sqlite() + " WHERE " + c.sqlite() + " IS NOT NULL")
				if err != nil {
					return err
				}
				for _, row := range rows {
					used[text(row[0])] = true
				}
			}
		}
	}
	for session := range s.sessions {
		if session.tx == nil {
			continue
		}
		for _, u := range session.tx.undo {
			for _, v := range u.values {
				if handle, ok := v.(string); ok && strings.Contains(handle, "@%Stream.") {
					used[handle] = true
				}
			}
		}
	}
	s.streamBytes = 0
	for handle, st := range s.streams {
		if used[handle] || st.owner != nil && !st.owner.closed {
			s.streamBytes += int64(len(st.data))
		} else {
			delete(s.streams, handle)
		}
	}
	s.reclaimAt = max(reclaimFrom, 2*s.streamBytes)
	return nil
}
