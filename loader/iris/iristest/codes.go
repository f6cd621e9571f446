package iristest

import "github.com/irisfix/irisfix/loader/iris/wire"

// Function codes that the vendor's drivers send beyond those of package wire. See also [catalogue].
var (
	isolationLevel = wire.Code{'I', 'L'} // 0 asks, 1 and 2 set; the reply is the level
	streamSize     = wire.Code{'S', 'S'} // a handle; the reply is the length
	getBytes       = wire.Code{'G', 'B'} // a handle, a position from 1, a length; the reply is data, as that of JS
	statementBatch = wire.Code{'E', 'B'}
	interrupt      = wire.Code{'E', 'I'}
	currentSchema  = wire.Code{'G', 'S'} // the reply is its name
	ping           = wire.Code{'P', 'G'}
	pingTwo        = wire.Code{'P', '2'}

	prepareProcedure = wire.Code{'S', 'P'} // the name; the reply describes it
	updateProcedure  = wire.Code{'S', 'U'} // not scrollable (0), a timeout, a number of rows, values
	fetchMore        = wire.Code{'S', 'F'} // what FD is after a function of the catalogue
)
