// Package bench measures what the package facade costs, beside bare net/http requests and a loop that polls every half second.
//
// make bench prints the results twice, as lines for benchstat and as tables, and draws a picture of what waiting costs. Methods and large results
// are measured by the clock, and differ from machine to machine. Waiting is measured in the simulated time of testing/synctest, against the server of
// facadetest, and is nearly the same on every machine. The tests of this package check the bounds of both, but assert nothing about real time.
//
// The command report makes the tables and the picture. The command soak, run by make soak, works a client hard for minutes while requests fail, and
// checks its results, its jobs and its memory.
package bench
