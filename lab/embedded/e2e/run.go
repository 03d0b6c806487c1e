package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2/types"
)

// patience is how long one spec may take. One waits for a back-off of five minutes, several times.
const patience = 30 * time.Minute

// result is how a spec has ended.
type result struct {
	spec    spec
	state   types.SpecState
	message string
	took    time.Duration
	log     string
}

// runAll runs specs, o.parallel at a time, and afterwards those that want the cluster for themselves. It tells of each as it ends.
func runAll(ctx context.Context, o options, specs []spec) []result {
	results := make([]result, len(specs))
	var printing sync.Mutex
	one := func(i int) {
		r := runOne(ctx, o, specs[i], filepath.Join(o.out, fmt.Sprintf("%03d", i)))
		printing.Lock()
		defer printing.Unlock()
		results[i] = r
		fmt.Printf("%-7s %6.1f s  %s\n", r.state, r.took.Seconds(), r.spec.name)
		if r.state.Is(types.SpecStateFailureStates) {
			fmt.Printf("        %s\n        output: %s\n", r.message, r.log)
		}
	}
	// The slow ones first: the whole then takes no longer than they do.
	slices.SortStableFunc(specs, func(a, b spec) int { return cmp.Compare(b.patient(), a.patient()) })
	var running sync.WaitGroup
	slots := make(chan struct{}, max(o.parallel, 1))
	for i, s := range specs {
		if !s.serial() && ctx.Err() == nil {
			slots <- struct{}{}
			running.Go(func() {
				defer func() { <-slots }()
				one(i)
			})
		}
	}
	running.Wait()
	for i, s := range specs {
		if s.serial() && ctx.Err() == nil {
			one(i)
		}
	}
	return results
}

// runOne runs one spec in a process of its own. base is where its output goes: base.log and base.json.
func runOne(ctx context.Context, o options, s spec, base string) result {
	r := result{spec: s, state: types.SpecStateAborted, log: base + ".log"}
	began := time.Now()
	err := func() error {
		program, err := os.Executable()
		if err != nil {
			return err
		}
		log, err := os.Create(r.log)
		if err != nil {
			return err
		}
		defer log.Close()
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		c := exec.CommandContext(ctx, program, specCommand,
			"--kubeconfig="+o.kubeconfig, "--provider=skeleton", "--ginkgo.no-color", "--ginkgo.v",
			"--ginkgo.focus= "+regexp.QuoteMeta(s.name)+"$", "--ginkgo.json-report="+base+".json",
			"--allowed-not-ready-nodes=-1", "--minStartupPods=0", "--delete-namespace-on-failure=true",
		)
		c.Stdout, c.Stderr = log, log
		c.Cancel = func() error { return c.Process.Signal(os.Interrupt) } // the spec cleans up
		c.WaitDelay = time.Minute
		_ = c.Run() // the report says more
		return r.read(base + ".json")
	}()
	if err != nil {
		r.message = err.Error()
	}
	r.took = time.Since(began)
	return r
}

// read takes the spec's end from Ginkgo's report.
func (r *result) read(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var reports []types.Report
	if err := json.Unmarshal(content, &reports); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, report := range reports {
		for _, one := range report.SpecReports {
			if one.FullText() == r.spec.name && (one.State != types.SpecStateSkipped || one.Failure.Message != "") {
				r.state, r.message = one.State, strings.Join(strings.Fields(one.Failure.Message), " ")
				return nil
			}
		}
	}
	return fmt.Errorf("%s: the spec is not in it", path)
}

// report counts, and returns an error unless every spec that has to pass did, or has skipped itself.
func report(o options, left exceptionList, results []result) error {
	counts := map[types.SpecState]int{}
	var wrong []string
	for _, r := range results {
		counts[r.state]++
		passed := r.state == types.SpecStatePassed
		switch reason := left[r.spec.name]; {
		case reason != "" && passed:
			wrong = append(wrong, "passes, take it out of exceptions.md: "+r.spec.name)
		case reason == "" && !passed && r.state != types.SpecStateSkipped:
			wrong = append(wrong, r.state.String()+": "+r.spec.name)
		}
	}
	for _, state := range slices.Sorted(maps.Keys(counts)) {
		fmt.Printf("%d %s, ", counts[state], state)
	}
	fmt.Printf("%d exceptions; outputs are in %s\n", len(left), o.out)
	if len(wrong) > 0 {
		return fmt.Errorf("%d specs are not as they should be:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
	return nil
}
