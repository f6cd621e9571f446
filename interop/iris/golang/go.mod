// The judges in Go have a module of their own, so that irisfix does not depend on what it is judged by.
module judge

go 1.26.0

require (
	github.com/caretdev/go-irisnative v0.2.0
	github.com/irisfix/irisfix v0.0.0
)

require (
	github.com/magefile/mage v1.15.0 // indirect
	github.com/shopspring/decimal v1.4.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/irisfix/irisfix => ../../..
