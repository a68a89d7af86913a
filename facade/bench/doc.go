// Package bench measures what the package facade costs, and compares it with what one would write without it: a bare net/http
// request, and a loop that polls every half second.
//
// make bench runs everything and prints two forms of it: lines that benchstat reads, and tables for people. It also
// draws waiting.svg. Some of it is measured by the clock, and differs from machine to machine: what a method costs beside a bare
// request, and the download of a large result. The rest, all that is about waiting, runs in the simulated time of
// testing/synctest against the in-memory server of facadetest: an hour of waiting takes a second, and the numbers are the same on
// every machine. What is promised of them is checked by the tests of this package whenever they run.
//
// The program in report turns the lines into tables and the picture; the one in soak, run by make soak, works a client
// hard for minutes while requests fail, and checks that it neither errs nor grows.
package bench
