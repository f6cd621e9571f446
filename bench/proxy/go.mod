module github.com/irisfix/irisfix/bench/proxy

go 1.26.0
