package embedded

import (
	"maps"
	"slices"
	"strings"

	utilfeature "k8s.io/apiserver/pkg/util/feature"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/featuregate"
	"k8s.io/kubernetes/pkg/features"

	"healthlab/lab"
)

// setFeatureGates switches Kubernetes' features on and off as flags of its components do: "Name=true,Other=false". They hold
// for the whole process, because Kubernetes looks them up in a global variable, until what is returned is called.
//
// What is wrong is told in both languages, and then nothing is changed. reset is never nil.
func setFeatureGates(value string) (reset func(), err error) {
	reset = func() {}
	wanted := map[string]bool{}
	if err := cliflag.NewMapStringBool(&wanted).Set(value); err != nil {
		return reset, lab.Errorf(nil, "기능 게이트 %q 값을 읽을 수 없습니다. 이름=true,이름=false처럼 쓰십시오",
			"cannot read the feature gates %q: write them as Name=true,Name=false", value)
	}
	gates := utilfeature.DefaultMutableFeatureGate
	if err := checkGates(gates.DeepCopy(), wanted); err != nil {
		return reset, err
	}
	reset = func() {
		for name := range wanted {
			_ = gates.ResetFeatureValueToDefault(featuregate.Feature(name)) // it is known
		}
	}
	return reset, gates.SetFromMap(wanted)
}

// checkGates tries wanted out on a copy of the process' gates.
func checkGates(gates featuregate.MutableVersionedFeatureGate, wanted map[string]bool) error {
	known := gates.GetAll()
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if _, ok := known[featuregate.Feature(name)]; ok {
			continue
		}
		for other := range known {
			if strings.EqualFold(string(other), name) {
				return lab.Errorf(nil, "기능 게이트 %q 항목은 없습니다. 혹시 %q입니까?",
					"there is no feature gate %q: did you mean %q?", name, other)
			}
		}
		return lab.Errorf(nil, "쿠버네티스 %[2]s에는 기능 게이트 %[1]q 항목이 없습니다. 있는 이름은 https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/ 에서 볼 수 있습니다",
			"Kubernetes %[2]s has no feature gate %[1]q; those it has are at https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/",
			name, Version)
	}
	if err := gates.SetFromMap(wanted); err != nil {
		return lab.Errorf(err, "기능 게이트를 이렇게 설정할 수 없습니다", "the feature gates cannot be set so")
	}
	// Its controllers watch objects of an API that is not served.
	if gates.Enabled(features.GenericWorkload) {
		return lab.Errorf(nil, "기능 게이트 GenericWorkload는 켤 수 없습니다. 내장 클러스터에는 갱 스케줄링의 컨트롤러와 API가 없습니다",
			"the feature gate GenericWorkload cannot be switched on: the embedded cluster has neither the controllers nor the API of gang scheduling")
	}
	return nil
}
