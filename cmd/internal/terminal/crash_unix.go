//go:build unix

package terminal

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"

	"healthlab/lab"
)

// The guard outlives a crash of the console. A panic in a goroutine of a library, a fatal error of the runtime or a
// SIGKILL ends the process with the terminal still raw and on the alternate screen; nobody in the process is left to
// repair that. The guard is a shell that waits at the other end of a pipe.
//
//go:embed guard.sh
var guardScript string

// Guard starts the guard. The returned function tells it that all is well and waits for its end; it must be
// called once the terminal is back in its normal state, which the guard sees to once more where out has lost something. The
// report of a crash is left at reportPath.
func Guard(reportPath string, out *Outlet, lang lab.Lang) (release func(), err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the terminal guard: %w", err)
	}
	crashed := lab.Textf("healthlab이 비정상 종료되었습니다. 보고서는 %s에 있습니다. 남은 것은 다음에 시작할 때 정리합니다.",
		"healthlab crashed. The report is in %s; the next start removes what the run left behind.", reportPath)
	killed := lab.T("healthlab이 강제로 종료되었습니다. 남은 것은 다음에 시작할 때 정리합니다.",
		"healthlab was killed. The next start removes what the run left behind.")
	guard := exec.Command("/bin/sh", "-c", guardScript, "healthlab-guard", reportPath, crashed.In(lang), killed.In(lang))
	guard.Stdin, guard.Stdout, guard.Stderr = r, os.Stdout, os.Stderr
	err = guard.Start()
	r.Close()
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("start the terminal guard: %w", err)
	}
	if err := debug.SetCrashOutput(w, debug.CrashOptions{}); err != nil {
		w.Close()
		return nil, fmt.Errorf("direct crash reports to the terminal guard: %w", err)
	}
	return func() {
		// Best effort: when the guard is gone there is nothing to tell it.
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		last := "healthlab-ended-well\n"
		if out.Lost() {
			last = "healthlab-lost-output\n"
		}
		_, _ = w.WriteString(last)
		_ = w.Close()
		_ = guard.Wait()
	}, nil
}
