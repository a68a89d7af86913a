// Package bench measures what package facade costs, beside bare net/http requests and beside
// asking for each job every 500 ms. It has tests only: make bench runs them and writes README.md.
package bench
