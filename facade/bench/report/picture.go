package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The colors are of a middle brightness, to be seen on white and on black.
const (
	colorOurs   = "#2f81f7"
	colorPoller = "#d9822b"
	colorText   = "#7d8590"
)

// draw draws how late results are and how many requests that takes, against the number of waits.
func draw(r results) ([]byte, error) {
	delay := panel{
		left: 62, title: "How late a result is", about: "solid: the median, dashed: 99 of 100 are no later", low: 10, high: 1000, tick: milliseconds,
		lines: []line{
			{"facade", "p99-late-ms", true}, {"poller", "p99-late-ms", true}, {"facade", "p50-late-ms", false}, {"poller", "p50-late-ms", false},
		},
	}
	requests := panel{
		left: 480, title: "Status requests a second", about: "besides one that starts a job and one that fetches its result", low: 1, high: 100_000, tick: count,
		lines: []line{{"facade", "status-requests/s", false}, {"poller", "status-requests/s", false}},
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 350" width="860" height="350" role="img" font-family="system-ui, sans-serif" font-size="12" fill="%s">`+"\n", colorText)
	b.WriteString("<title>What waiting costs</title>\n<desc>How late results are, and how many status requests a second are sent, against the number of waits for jobs of 0.1 to 10 s: this library, and a client that looks every 500 ms.</desc>\n")
	for _, p := range []panel{delay, requests} {
		for p.high < p.most(r) {
			p.high *= 10
		}
		if err := p.draw(&b, r); err != nil {
			return nil, err
		}
	}
	key(&b, 300, colorOurs, "this library")
	key(&b, 420, colorPoller, "a look every 500 ms for each job")
	b.WriteString("</svg>\n")
	return []byte(b.String()), nil
}

func key(b *strings.Builder, x float64, color, text string) {
	fmt.Fprintf(b, `<line x1="%g" y1="338" x2="%g" y2="338" stroke="%s" stroke-width="3"/><text x="%g" y="342">%s</text>`+"\n", x, x+20, color, x+26, text)
}

// A panel has the number of waits on its x axis. Both axes are logarithmic.
type panel struct {
	left         float64
	title, about string
	low, high    float64
	tick         func(float64) string
	lines        []line
}

type line struct {
	client, unit string
	dashed       bool
}

// points returns a line's values by the number of waits.
func (l line) points(r results) (waits, values []float64) {
	for _, name := range r.cases("Waits") {
		n, err := strconv.ParseFloat(value(name, "waits"), 64)
		v, ok := r.get(name+"/client="+l.client, l.unit)
		if err == nil && n >= 1 && ok && value(name, "job") == "mixed" && value(name, "others") == "0" {
			waits, values = append(waits, n), append(values, v)
		}
	}
	return waits, values
}

const (
	top, width, height = 52.0, 340.0, 230.0
	decades            = 4 // of waits
)

func (p panel) x(waits float64) float64 { return p.left + width*math.Log10(waits)/decades }

// most returns the largest value of all lines.
func (p panel) most(r results) float64 {
	most := 0.0
	for _, l := range p.lines {
		_, values := l.points(r)
		most = slices.Max(append(values, most))
	}
	return most
}

func (p panel) y(v float64) float64 {
	v = min(max(v, p.low), p.high)
	return top + height*(1-math.Log10(v/p.low)/math.Log10(p.high/p.low))
}

func (p panel) draw(b *strings.Builder, r results) error {
	fmt.Fprintf(b, `<text x="%g" y="18" font-size="15" font-weight="600">%s</text><text x="%g" y="36">%s</text>`+"\n", p.left, p.title, p.left, p.about)
	for v := p.low; v <= p.high*1.01; v *= 10 {
		p.rule(b, p.left, p.y(v), p.left+width, p.y(v))
		fmt.Fprintf(b, `<text x="%g" y="%.1f" text-anchor="end">%s</text>`+"\n", p.left-8, p.y(v)+4, p.tick(v))
	}
	for n := 1.0; n <= math.Pow(10, decades); n *= 10 {
		p.rule(b, p.x(n), top, p.x(n), top+height)
		fmt.Fprintf(b, `<text x="%.1f" y="%g" text-anchor="middle">%s</text>`+"\n", p.x(n), top+height+18, count(n))
	}
	fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle">waits at a time</text>`+"\n", p.left+width/2, top+height+36)
	for _, l := range p.lines {
		if err := p.plot(b, r, l); err != nil {
			return err
		}
	}
	return nil
}

func (p panel) rule(b *strings.Builder, x1, y1, x2, y2 float64) {
	fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-opacity="0.3"/>`+"\n", x1, y1, x2, y2, colorText)
}

func (p panel) plot(b *strings.Builder, r results, l line) error {
	var points []string
	var dots strings.Builder
	color, style := colorOurs, ""
	if l.client != "facade" {
		color = colorPoller
	}
	if l.dashed {
		style = ` stroke-dasharray="5 4" stroke-opacity="0.8"`
	}
	waits, values := l.points(r)
	for i, v := range values {
		points = append(points, fmt.Sprintf("%.1f,%.1f", p.x(waits[i]), p.y(v)))
		if !l.dashed {
			fmt.Fprintf(&dots, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`, p.x(waits[i]), p.y(v), color)
		}
	}
	if len(points) < 2 {
		return errors.New("the picture needs the lines of the waits: run make picture, or make bench")
	}
	fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2.2" stroke-linejoin="round"%s/>%s`+"\n", strings.Join(points, " "), color, style, dots.String())
	return nil
}
