from pathlib import Path
from tests.web.conftest import *  # noqa
from tests.web.conftest import House, PASSWORD, login_name
from tests.conftest import *  # noqa
from tests.e2e.browser import browser, window
from tests.web.test_drafts import new_draft, typed
from office.domain.people import Role
from tests.town import *

OUT = Path("/tmp/rules_shots")
BODY = """当前，我市已进入森林防火期。为切实做好今冬明春森林防火工作，保护人民群众生命财产安全，现通知如下。
一、落实责任
各县要把责任落实到镇、到村、到山头，并应于12月5日前上报贯彻落实情况。旬邑县、淳化县、永寿县同步完成隐患排查。
2、管住火源
林区及林缘严禁野外用火。清明、春节前后在主要路口设卡宣传，劝返携带火种人员。请予批准。
三、做好值守
根据《关于防火的通知》（咸政发[2026]第03号），林区及林缘严禁野外用火，各单位要落实24小时值守，于2026.12.5前到位，由市财政局负责保障经费。"""


async def test_shots(sqlite_house: House) -> None:
    house = sqlite_house
    client = await house.sign_in(CITY)
    doc = await new_draft(client, "通知")
    await typed(
        client,
        doc,
        title="关于做好今冬明春森林防火工作的通知",
        principal_text="各县（市、区）人民政府，市级有关部门：",
        body=BODY,
        reach="3",
    )
    await client.post(f"/documents/{doc}/attachments", data=b"", headers={})
    vc = await house.sign_in(VILLAGE)
    await new_draft(vc)
    mins = await new_draft(client, "纪要")
    await typed(client, mins, title="防汛工作会议纪要", body="会议议定，备足物资。", present="甲、乙、丙")
    base = f"http://{house.server.host}:{house.server.port}"
    async with browser() as b:
        for phone in (False, True):
            tag = "phone" if phone else "desk"
            async with window(b, phone=phone) as ctx:
                page = await ctx.new_page()
                errors = []
                page.on("console", lambda m: errors.append(m.text) if m.type in ("error", "warning") else None)
                page.on("pageerror", lambda e: errors.append(str(e)))
                await page.goto(base + "/login")
                await page.fill("[name=name]", login_name(CITY, Role.CLERK))
                await page.fill("[name=password]", PASSWORD)
                await page.click("form[action='/login'] button.go, form[action='/login'] button[type=submit]")
                await page.wait_for_load_state("networkidle")
                await page.goto(base + "/drafts")
                await page.wait_for_load_state("networkidle")
                await page.screenshot(path=OUT / f"list-{tag}.png")
                import glob

                for i, f in enumerate(sorted(glob.glob("/work/shared/samples/**/*.docx", recursive=True))[:3]):
                    await page.goto(base + "/drafts")
                    async with page.expect_navigation():
                        await page.set_input_files("#file", f)
                    await page.wait_for_load_state("networkidle")
                    print(f, page.url)
                    await page.screenshot(path=OUT / f"sample{i}-{tag}.png")
                await page.goto(base + f"/documents/{doc}/edit")
                await page.wait_for_load_state("networkidle")
                await page.screenshot(path=OUT / f"edit-{tag}.png")
                for f in (await page.query_selector_all("[data-goto]"))[:1]:
                    await f.click()
                await page.screenshot(path=OUT / f"goto-{tag}.png")
                if phone:
                    for v in ("write", "page", "faults"):
                        await page.click(f".seg [data-view-tab={v}]")
                        await page.wait_for_timeout(100)
                        await page.screenshot(path=OUT / f"edit-{v}-{tag}.png")
                    await page.evaluate("window.scrollTo(0, 1500)")
                    await page.screenshot(path=OUT / f"edit-faults2-{tag}.png")
                    w = await page.evaluate("document.documentElement.scrollWidth")
                    print("width", w)
                await page.goto(base + f"/documents/{mins}/edit")
                await page.wait_for_load_state("networkidle")
                await page.screenshot(path=OUT / f"minutes-{tag}.png", full_page=True)
                await page.goto(base + f"/documents/{doc}/send")
                await page.wait_for_load_state("networkidle")
                await page.screenshot(path=OUT / f"send-{tag}.png", full_page=True)
                if not phone:
                    await page.goto(base + f"/documents/{doc}/edit")
                    await page.wait_for_load_state("networkidle")
                    import time

                    await page.focus("#f-note")
                    t = time.perf_counter()
                    async with page.expect_response(lambda r: "/content" in r.url) as info:
                        await page.keyboard.type("联系")
                    await (await info.value).finished()
                    print("typed to answer", time.perf_counter() - t)
                    async with page.expect_response(lambda r: r.url.endswith("/fix")) as info:
                        await page.click("[data-fix=all] >> nth=0")
                    await page.wait_for_load_state("networkidle")
                    await page.wait_for_timeout(300)
                    await page.screenshot(path=OUT / f"mended-{tag}.png")
                    async with page.expect_response(lambda r: r.url.endswith("/restore")) as info:
                        await page.click("#undo")
                    await page.wait_for_timeout(300)
                    await page.screenshot(path=OUT / f"undone-{tag}.png")
                axe = Path("web/node_modules/axe-core/axe.min.js")
                for where in ("/drafts", f"/documents/{doc}/edit", f"/documents/{doc}/send"):
                    await page.goto(base + where)
                    await page.wait_for_load_state("networkidle")
                    await page.evaluate(axe.read_text())
                    r = await page.evaluate("axe.run()")
                    for v in r["violations"]:
                        print(tag, where, v["id"], v["help"], [n["html"][:150] for n in v["nodes"]][:4])
                print(tag, errors)
