module github.com/irisfix/irisfix/bench/irisnative

go 1.26.0

require github.com/caretdev/go-irisnative v0.2.0

require (
	github.com/magefile/mage v1.15.0 // indirect
	github.com/shopspring/decimal v1.4.0 // indirect
)
