#!/usr/bin/env python3
"""Looks at the page of `slm web` in a real browser, without the network.

    Scripts/check-page.py .build/debug/slm [--pictures DIR]

Makes the page, opens it in Chromium in both languages, light and dark, as wide as a phone and as a desk, moves the slider
and the filters, compares verdicts with `slm fit`, and runs axe-core over it where axe-playwright-python's or
axe-selenium-python's copy is installed. Says what it skips: it needs Chromium and Python's selenium.
"""
import argparse, json, pathlib, random, shutil, subprocess, sys, tempfile

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("slm")
arguments.add_argument("--pictures", help="keep screenshots in this folder")
arguments.add_argument("--page", help="an index.html that `slm web --output` made; else it is made now")
arguments.add_argument("--samples", type=int, default=20, help="verdicts to compare with `slm fit` (default 20)")
options = arguments.parse_args()

browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
driver = shutil.which("chromedriver")
if not browser:
    sys.exit(print("skipped: Chromium is not installed (Debian: apt-get install chromium chromium-driver)"))
try:
    from selenium import webdriver
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    sys.exit(print("skipped: Python's selenium is not installed (pip install selenium axe-selenium-python)"))
if not driver:
    sys.exit(print("skipped: chromedriver is not installed (Debian: apt-get install chromium-driver)"))


def axe():
    """The text of axe-core, from whichever package has it; None where none does."""
    for name, place in [("axe_playwright_python", "axe.min.js"), ("axe_selenium_python", "node_modules/axe-core/axe.min.js")]:
        try:
            module = __import__(name)
        except ImportError:
            continue
        found = next(pathlib.Path(module.__file__).parent.rglob("axe.min.js"), None)
        if found:
            return found.read_text()
    return None


faults = []


def check(holds, what):
    if not holds:
        faults.append(what)
        print("FAULT", what)


folder = pathlib.Path(tempfile.mkdtemp())
page = pathlib.Path(options.page) if options.page else folder / "index.html"
if not options.page:
    subprocess.run([options.slm, "web", "--output", folder], check=True)
size = page.stat().st_size
check(size < 1_500_000, f"the page has {size} bytes")
print(f"{size} bytes")

settings = webdriver.ChromeOptions()
settings.binary_location = browser
for option in ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--lang=en"]:
    settings.add_argument(option)
settings.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
chrome = webdriver.Chrome(options=settings, service=webdriver.ChromeService(driver))
checker = axe()
if checker is None:
    print("skipped: axe-core (pip install axe-selenium-python)")


def shape(width, dark, height=1400):
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})


def show(**choices):
    chrome.get("about:blank")
    chrome.get(page.resolve().as_uri() + "#" + "&".join(f"{key}={value}" for key, value in choices.items()))


def models():
    return chrome.find_elements(By.CSS_SELECTOR, "#models > li")


try:
    for language in ["en", "es"]:
        for dark in [False, True]:
            for width in [390, 1280]:
                name = f"{language}-{'dark' if dark else 'light'}-{width}"
                shape(width, dark)
                show(lang=language, device="phone-4gb" if width < 600 else "laptop-16gb-rtx4060-8gb")
                check(chrome.find_element(By.TAG_NAME, "html").get_attribute("lang") == language, f"{name}: language")
                check(len(models()) > 100, f"{name}: {len(models())} models")
                wide = chrome.execute_script("return document.documentElement.scrollWidth")
                check(wide <= width, f"{name}: {wide} columns of pixels in {width}")
                # One opened, so that it is looked at as well.
                chrome.execute_script("document.querySelector('#models details').open = true")
                chrome.execute_script("return new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
                if options.pictures:
                    pathlib.Path(options.pictures).mkdir(parents=True, exist_ok=True)
                    chrome.save_screenshot(str(pathlib.Path(options.pictures) / f"{name}.png"))
                if checker:
                    chrome.execute_script(checker)
                    found = chrome.execute_async_script(
                        "const done = arguments[0]; axe.run({resultTypes: ['violations']}).then(done)")
                    for fault in found["violations"]:
                        nodes = "; ".join(node["html"][:120] for node in fault["nodes"][:3])
                        check(False, f"{name}: {fault['id']} ({fault['impact']}): {nodes}")

    # With the keyboard alone.
    shape(1280, False)
    show(lang="en", device="phone-4gb")
    slider = chrome.find_element(By.ID, "context")
    before = chrome.find_element(By.ID, "summary").text
    slider.send_keys(Keys.ARROW_RIGHT * 3)
    check(slider.get_attribute("aria-valuetext") == "16,384 tokens", f"the slider says {slider.get_attribute('aria-valuetext')}")
    check(chrome.find_element(By.ID, "summary").text != before, "the slider changes nothing")
    chrome.find_element(By.ID, "fits").send_keys(Keys.SPACE)
    check(all("too-large" not in element.get_attribute("class")
              for element in chrome.find_elements(By.CSS_SELECTOR, ".verdict")), "the filter lets through what does not fit")
    chrome.find_element(By.ID, "words").send_keys("gemma")
    check(all("gemma" in element.text.lower() for element in models()) and models(), "the search finds something else")
    check(any(step in chrome.current_url for step in ["context=16384"]), "the address does not say what was chosen")

    # The verdicts are the program's own.
    data = json.loads(chrome.execute_script("return document.getElementById('data').textContent"))
    chance = random.Random(20261126)
    known = [model for model in data["models"] if model["forms"][0]["bytes"]]
    for _ in range(options.samples):
        model, device, tokens = chance.choice(known), chance.choice(data["devices"]), chance.choice(data["contexts"])
        if device["id"] == "here":
            continue
        show(lang="en", device=device["id"], context=tokens, words=model["name"])
        row = next(element for element in models() if element.find_element(By.TAG_NAME, "h3").text == model["name"])
        shown = row.find_element(By.CSS_SELECTOR, ".verdict").get_attribute("class").split()[-1]
        answer = json.loads(subprocess.run(
            [options.slm, "fit", model["name"], "--device", device["id"], "--context", str(tokens), "--json", "--offline"],
            capture_output=True, text=True).stdout)
        if answer.get("error", {}).get("code") == "offline":
            print(f"{model['name']}: its numbers are not in the catalog, fit would read its header")
            continue
        # What llama.cpp refuses to set up is an error there.
        told = answer["fit"]["verdict"] if "fit" in answer else "cannot-run"
        print(f"{model['name']} on {device['id']} with {tokens}: {told}")
        check(shown == told, f"{model['name']} on {device['id']} with {tokens}: {shown}, slm fit says {told}")

    severe = [entry["message"] for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"]
    check(not severe, f"the browser says: {severe[:3]}")
    asked = [json.loads(entry["message"])["message"] for entry in chrome.get_log("performance")]
    outside = [event["params"]["request"]["url"] for event in asked if event["method"] == "Network.requestWillBeSent"
               and not event["params"]["request"]["url"].startswith(("file:", "about:", "data:"))]
    check(not outside, f"the page asked for {outside[:3]}")
finally:
    chrome.quit()
    shutil.rmtree(folder)

print("no fault" if not faults else f"{len(faults)} faults")
sys.exit(1 if faults else 0)
