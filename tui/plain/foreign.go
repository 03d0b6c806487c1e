package plain

import (
	"strings"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// offerChoice asks what to do about objects of others that have stopped a task. It waits until no question is open and no line
// is being typed, and asks again after the difference was told.
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
		c.say(lab.Textf("실행 중에는 네임스페이스를 바꿀 수 없습니다. %s 명령으로 끝내고, 같은 명령에 --namespace 이름이나 --student 이름을 더해 다시 시작하십시오.",
			"The namespace cannot change while healthlab runs. Type %s to quit, then run the same command with --namespace NAME or --student NAME.",
			c.letter("quit")))
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
			one += lab.Textf(", 컨트롤러 %s", ", controlled by %s", widget.Clean(o.Controller)).In(c.Lang)
		case o.Owner != "":
			one += lab.Textf(", 소유자 %s", ", owner %s", widget.Clean(o.Owner)).In(c.Lang)
		}
		whose = append(whose, one)
	}
	c.choose(choice{
		ask: lab.Textf("healthlab이 만들지 않은 것이 이미 있습니다: %s. 아무것도 바꾸지 않았습니다. 어떻게 할까요?",
			"These already exist, and healthlab did not create them: %s. Nothing was changed. What do you want to do?",
			strings.Join(whose, "; ")),
		items: items, pick: func(i int) { ways[i].do() },
		skip:  func() { c.say(lab.T("그대로 둡니다.", "Left unchanged.")) },
		skips: lab.T("Enter만 누르면 그대로 둡니다", "Enter alone leaves it unchanged"),
	}, "")
}

// adopt asks, and has the session make the objects healthlab's.
func (c *console) adopt(t lab.Task) {
	c.confirm(lab.T("넘겨받을까요? healthlab의 레이블과 소유자가 붙습니다. 그 뒤로는 실습이 바꾸거나 삭제할 수 있습니다.",
		"Adopt this? healthlab adds its label, with you as the owner. From then on the labs may change or delete it."), func() {
		c.do(lab.Adopt{Task: t.ID})
	})
}
