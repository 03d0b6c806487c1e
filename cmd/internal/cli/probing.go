package cli

import (
	"github.com/spf13/pflag"

	"healthlab/cmd/internal/settings"
	"healthlab/cmd/internal/usage"
	"healthlab/lab"
)

// addProbing adds the flag that says whether healthlab makes probes of its own.
func (o *options) addProbing(flags *pflag.FlagSet) {
	flags.StringVar(&o.probingFlag, "probing", "", lab.T(
		"healthlab이 프로브를 직접 실행할지 `선택`: on, off, auto(kubelet이 시도를 하나씩 알리지 않을 때만). 없으면 auto입니다",
		"`whether` healthlab makes probes of its own: on, off or auto (only where the kubelet does not tell of each attempt); by default auto").In(o.lang))
}

// probing is what the flag says or, without it, the settings.
func (o *options) probing() (lab.Probing, error) {
	if p, ok := lab.ParseProbing(o.probingFlag); !ok {
		return p, usage.Error{Err: lab.Errorf(nil, "--probing에 %q을(를) 쓸 수 없습니다. auto, on, off 가운데 하나를 쓰십시오",
			"--probing cannot be %q: use auto, on or off", o.probingFlag)}
	} else if o.probingFlag != "" {
		return p, nil
	}
	p, ok := lab.ParseProbing(string(o.settings.Probing))
	if !ok {
		return p, usage.Error{Err: lab.Errorf(nil, "%s: probing에 %q을(를) 쓸 수 없습니다. auto, on, off 가운데 하나를 쓰십시오",
			"%s: probing cannot be %q: use auto, on or off", settings.File(), string(o.settings.Probing))}
	}
	return p, nil
}
