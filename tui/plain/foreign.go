package plain

import (
	"fmt"
	"strings"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// offerChoice asks what to do about objects that are not healthlab's and have stopped a task, once nothing else is asked and
// no line is being typed. It is asked again after the difference was told.
func (c *console) offerChoice() {
	if c.stopped == nil || c.looking || c.ask != nil || c.begun {
		return
	}
	t := *c.stopped
	c.stopped = nil
	c.chooseAbout(t)
}

func (c *console) chooseAbout(t lab.Task) {
	type way struct {
		item lab.Text
		do   func()
	}
	foreign := t.Foreign
	var ways []way
	if foreign.File != "" {
		ways = append(ways, way{lab.T("차이 듣기", "Hear the difference"), func() {
			if c.do(lab.Compare{Task: t.ID}) {
				c.stopped, c.looking = &t, true
			}
		}})
	}
	if foreign.Adoptable() {
		ways = append(ways, way{lab.T("넘겨받기. 먼저 묻습니다", "Adopt it; asks first"), func() { c.adopt(t) }})
	}
	ways = append(ways, way{lab.T("다른 네임스페이스 쓰기", "Use another namespace"), func() {
		c.sayf("세션의 네임스페이스는 정해져 있습니다. q로 끝내고, 같은 명령에 --namespace 이름이나 --student 이름을 더해 다시 시작하십시오.",
			"A session stays in its namespace. Quit with q, and start again with --namespace NAME or --student NAME added to the same command.")
	}})
	var items []string
	for _, w := range ways {
		items = append(items, w.item.In(c.Lang))
	}
	var whose []string
	for _, o := range foreign.Objects {
		one := widget.Clean(o.Name)
		switch {
		case o.Controller != "":
			one += fmt.Sprintf(c.Lang.Pick(", %s이(가) 관리", ", controlled by %s"), widget.Clean(o.Controller))
		case o.Owner != "":
			one += fmt.Sprintf(c.Lang.Pick(", %s의 것", ", by %s"), widget.Clean(o.Owner))
		}
		whose = append(whose, one)
	}
	c.choose(choice{
		ask: fmt.Sprintf(c.Lang.Pick("이미 있고 healthlab이 만들지 않은 것: %s. 아무것도 바꾸지 않았습니다. 어떻게 할까요?",
			"These exist, and healthlab did not make them: %s. Nothing was changed. What shall be done?"), strings.Join(whose, "; ")),
		items: items, pick: func(i int) { ways[i].do() },
		skip:  func() { c.sayf("그대로 둡니다.", "It is left alone.") },
		skips: lab.T("Enter만 누르면 그대로 둡니다", "Enter alone leaves it alone"),
	}, "")
}

// adopt asks, and has the session make the objects healthlab's.
func (c *console) adopt(t lab.Task) {
	c.confirm(c.Lang.Pick("넘겨받을까요? healthlab의 레이블과 소유자가 붙고, 그 뒤로는 실습이 바꾸거나 삭제할 수 있습니다.",
		"Adopt this? It gets healthlab's label and you as its owner, and from then on the labs may change and delete it."), func() {
		c.do(lab.Adopt{Task: t.ID})
	})
}
