package embedded

import (
	"errors"
	"io/fs"
	"syscall"

	"healthlab/lab"
)

// What the machine must let a run have. Less is told at the start: etcd would end the process at some of these limits, Go at
// others, and with a few files too little the API server would not come up and not say why.
const (
	// filesNeeded is how many files the process must be permitted to have open. The control plane opens 160, and etcd sets
	// 150 aside; the rest is for containers and for those who watch.
	filesNeeded = 512
	// addressesNeeded is in bytes. The control plane reserves 2.5 GB of addresses, most of which it never uses.
	addressesNeeded = 4 << 30
	// dataNeeded is in bytes of memory that may be written to; both labs together take 370 MB.
	dataNeeded = 1 << 30
	// fileNeeded is the size in bytes of the largest file: etcd's database, see etcdQuota.
	fileNeeded = 1 << 30
	// roomNeeded is how many bytes must be free in the state directory. etcd takes 8 MB at once and more with time.
	roomNeeded = 64 << 20
)

// limit is one that the system sets for a process.
type limit struct {
	resource int
	option   string // of the shell's ulimit
	of       lab.Text
	unit     uint64 // in which the shell counts
	needed   uint64 // in the system's unit
}

// tooLow tells that a limit is, and how to raise it.
func (l limit) tooLow(is uint64) error {
	is, needed := is/l.unit, l.needed/l.unit
	return lab.Errorf(nil,
		"%s 제한(ulimit %s)이 %d입니다. 내장 클러스터에는 %d 이상이 필요하니 `ulimit %[2]s %[4]d`로 늘리고 다시 시작하십시오",
		"the limit on %s (ulimit %s) is %d, but the embedded cluster needs %d: raise it with `ulimit %[2]s %[4]d` and start again",
		l.of, l.option, is, needed)
}

// checkRoom refuses a state directory on a disk that is all but full.
func checkRoom(stateDir string) error {
	free, err := freeBytes(stateDir)
	if err != nil || free >= roomNeeded {
		return nil //nolint:nilerr // a file system that does not say how full it is may have room
	}
	return lab.Errorf(nil, "상태 디렉터리 %s에 남은 공간이 %d MB뿐입니다. 내장 클러스터에는 %d MB가 필요하니 공간을 비우거나 --state-dir로 다른 디렉터리를 지정하십시오",
		"only %[2]d MB are free for the state directory %[1]s, but the embedded cluster needs %[3]d MB: make room, or choose another directory with --state-dir",
		shown(stateDir), free>>20, uint64(roomNeeded)>>20)
}

// unusable says in both languages what to do about an error that the state directory or a limit of the system is to blame
// for, whichever component has met it. Others it leaves as they are.
func unusable(stateDir string, err error) error {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		// What did not stop in time after that only follows from it.
		for _, one := range several.Unwrap() {
			var told *lab.Error
			if errors.As(unusable(stateDir, one), &told) {
				return told
			}
		}
		return err
	}
	dir := shown(stateDir)
	for _, known := range []struct {
		reasons []error
		told    lab.Text
	}{
		{
			[]error{syscall.ENOSPC, syscall.EDQUOT},
			lab.Textf("상태 디렉터리 %s의 디스크가 가득 찼습니다. 공간을 비우거나 --state-dir로 다른 디렉터리를 지정하십시오",
				"the disk of the state directory %s is full: make room, or choose another directory with --state-dir", dir),
		},
		{
			[]error{syscall.ENAMETOOLONG},
			lab.Textf("상태 디렉터리 %s의 경로가 너무 깁니다. --state-dir로 더 짧은 경로를 지정하십시오",
				"the path of the state directory %s is too long: choose a shorter one with --state-dir", dir),
		},
		{
			[]error{syscall.EROFS, syscall.ENOTDIR, syscall.EIO, fs.ErrPermission},
			lab.Textf("상태 디렉터리 %s에 쓸 수 없습니다. --state-dir로 다른 디렉터리를 지정하십시오",
				"the state directory %s cannot be written to: choose another one with --state-dir", dir),
		},
		{
			[]error{syscall.EMFILE, syscall.ENFILE},
			lab.Textf("열 수 있는 파일이 더 없습니다(상태 디렉터리: %s). `ulimit -n`으로 제한을 늘리고 다시 시작하십시오",
				"no more files can be opened (state directory: %s): raise the limit with `ulimit -n` and start again", dir),
		},
		{
			[]error{syscall.ENOMEM},
			lab.Textf("메모리가 모자랍니다(상태 디렉터리: %s). 다른 프로그램을 닫거나 `ulimit -v`로 제한을 늘리고 다시 시작하십시오",
				"there is not enough memory (state directory: %s): close other programs, or raise the limit with `ulimit -v`, and start again", dir),
		},
	} {
		for _, reason := range known.reasons {
			if errors.Is(err, reason) {
				return &lab.Error{Msg: known.told, Cause: err}
			}
		}
	}
	return err
}

// shown is a path as a sentence can hold it: of one that fills screens the beginning is enough to know it by.
func shown(path string) string {
	const enough = 200
	if r := []rune(path); len(r) > enough {
		return string(r[:enough]) + "…"
	}
	return path
}
