package client

// idle is the number of statements kept for another execution. No driver tells a server to forget one: those of the
// vendor keep every text of a connection, and repeat its id with the text.
const idle = 2000

// cache holds the statements that nobody is using.
type cache struct {
	idle       map[string]*statement
	generation int
	clock      int
}

// take removes the statement from the cache, so that nobody else can move its cursor.
func (c *cache) take(sql string) *statement {
	st := c.idle[sql]
	delete(c.idle, sql)
	return st
}

// give puts a statement back. The one that was used longest ago makes room.
func (c *cache) give(st *statement) {
	if !st.known || st.generation != c.generation {
		return
	}
	if c.idle == nil {
		c.idle = map[string]*statement{}
	}
	c.clock++
	st.used = c.clock
	c.idle[st.sql] = st
	if len(c.idle) <= idle {
		return
	}
	oldest := st
	for _, other := range c.idle {
		if other.used < oldest.used {
			oldest = other
		}
	}
	delete(c.idle, oldest.sql)
}

// forget is for statements after which the same text can mean something else, such as DROP TABLE.
func (c *cache) forget() {
	clear(c.idle)
	c.generation++
}
