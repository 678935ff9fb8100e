#include "control/page.h"

namespace matou::control {
namespace {

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

constexpr const char* kHead = R"html(<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>遥控 · Matou</title>
<style>
body{margin:0;background:#101820;color:#e8edf2;font:18px/1.5 "Noto Sans CJK SC",sans-serif}
main{max-width:56rem;margin:auto;padding:1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:1.2rem 0 .4rem;color:#9fb2c4}
button,input{font:inherit;color:inherit;background:#1c2a38;border:1px solid #3a4f63;border-radius:.4rem;padding:.5rem .9rem;margin:.2rem}
button:active{background:#2c4258}
li{list-style:none;border-left:.5rem solid #4da3ff;background:#16222e;margin:.3rem 0;padding:.4rem .7rem}
li.s1{border-color:#ff2d2d}li.s2{border-color:#ff9a1f}li.s3{border-color:#fff04d}ul{padding:0}
#said{min-height:1.5em;color:#fff04d}small{color:#9fb2c4}
</style></head><body><main>
)html";

constexpr const char* kTail = R"html(<h2>巡览</h2>
<button data-post="tour/start">播放</button><button data-post="tour/pause">暂停</button><button data-post="tour/stop">停止</button>
<h2>未结告警 <small id="count"></small></h2><ul id="alarms"></ul>
<h2>数据源</h2><ul id="feeds"></ul>
<p><input id="token" type="password" placeholder="操作令牌" autocomplete="off"> <span id="said"></span></p>
</main><script>
"use strict";
const levels={1:"一级·紧急",2:"二级·重要",3:"三级·一般",4:"四级·提示"};
const said=document.getElementById("said"),token=document.getElementById("token");
async function post(path,body){
  const answer=await fetch("/api/v1/"+path,{method:"POST",headers:{Authorization:"Bearer "+token.value},body:body||""});
  said.textContent=answer.ok?"已执行":(await answer.json()).error.zh;
  refresh();
}
for(const b of document.querySelectorAll("button[data-post]"))b.onclick=()=>post(b.dataset.post);
function line(list,text,cls){const li=document.createElement("li");li.textContent=text;if(cls)li.className=cls;list.append(li);return li;}
async function refresh(){
  try{
    const alarms=(await(await fetch("/api/v1/alarms")).json()).alarms,list=document.getElementById("alarms");
    list.textContent="";document.getElementById("count").textContent=alarms.length;
    for(const a of alarms.slice(0,30)){
      const li=line(list,levels[a.severity]+" "+a.title.zh+"(×"+a.count+")"+(a.condition==="normal"?" 已恢复正常":"")+" ","s"+a.severity);
      if(a.workflow==="unacknowledged"){const b=document.createElement("button");b.textContent="确认";b.onclick=()=>post("alarms/"+a.id+"/ack");li.append(b);}
    }
    const metrics=await(await fetch("/metrics")).text(),feeds=document.getElementById("feeds");feeds.textContent="";
    for(const m of metrics.matchAll(/^matou_feed_received_total\{feed="([^"]*)"\} (\d+)/gm))line(feeds,m[1]+":已接收 "+m[2]+" 条");
  }catch(e){said.textContent="连接中断";}
}
refresh();setInterval(refresh,2000);
</script></body></html>
)html";

} // namespace

std::string remotePage(const twin::Name& district, const std::vector<std::pair<std::string, twin::Name>>& scenes) {
    std::string out = kHead;
    out += "<h1>" + escaped(district.zh) + " · 遥控</h1>\n<h2>场景</h2>\n";
    for (const auto& [id, name] : scenes)
        out += "<button data-post=\"scene/" + escaped(id) + "\">" + escaped(name.zh) + "</button>";
    return out + "\n" + kTail;
}

} // namespace matou::control
