// Replaces the calls that Kotlin's compiler writes for Java 8 and that Android got with level 24: the
// static hashCode of numbers, in every data class. Google's d8 does the same; dx does not.
//
// Run by xtask as a source file, with ASM in the class path: the jar to read, the jar to write.

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

public final class Backport {
    private static int replaced;

    public static void main(String[] paths) throws Exception {
        TreeMap<String, byte[]> classes = new TreeMap<>();
        try (ZipFile zip = new ZipFile(paths[0])) {
            for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(e -> (ZipEntry) e)::iterator) {
                if (entry.getName().endsWith(".class")) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        classes.put(entry.getName(), rewrite(in.readAllBytes()));
                    }
                }
            }
        }
        try (OutputStream out = Files.newOutputStream(Path.of(paths[1])); ZipOutputStream zip = new ZipOutputStream(out)) {
            for (var named : classes.entrySet()) {
                ZipEntry entry = new ZipEntry(named.getKey());
                entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
                zip.putNextEntry(entry);
                zip.write(named.getValue());
            }
        }
        System.out.println(classes.size() + " classes, " + replaced + " calls replaced");
    }

    private static byte[] rewrite(byte[] bytes) {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        new ClassReader(bytes).accept(new ClassVisitor(Opcodes.ASM9, writer) {
            @Override
            public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] exceptions) {
                MethodVisitor to = super.visitMethod(access, name, descriptor, signature, exceptions);
                return new MethodVisitor(Opcodes.ASM9, to) {
                    @Override
                    public void visitMethodInsn(int opcode, String owner, String called, String type, boolean isInterface) {
                        if (opcode == Opcodes.INVOKESTATIC && called.equals("hashCode") && hash(owner + type)) {
                            replaced++;
                        } else {
                            super.visitMethodInsn(opcode, owner, called, type, isInterface);
                        }
                    }

                    /** What Java's documentation says the method gives, from the value on the stack. */
                    private boolean hash(String method) {
                        switch (method) {
                            case "java/lang/Integer(I)I", "java/lang/Short(S)I", "java/lang/Byte(B)I", "java/lang/Character(C)I" -> {
                                // The value itself.
                            }
                            case "java/lang/Boolean(Z)I" -> {
                                // 1231 for true, 1237 for false.
                                visitIntInsn(Opcodes.BIPUSH, 6);
                                visitInsn(Opcodes.IMUL);
                                visitIntInsn(Opcodes.SIPUSH, 1237);
                                visitInsn(Opcodes.SWAP);
                                visitInsn(Opcodes.ISUB);
                            }
                            case "java/lang/Long(J)I" -> folded();
                            case "java/lang/Float(F)I" ->
                                super.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Float", "floatToIntBits", "(F)I", false);
                            case "java/lang/Double(D)I" -> {
                                super.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Double", "doubleToLongBits", "(D)J", false);
                                folded();
                            }
                            default -> {
                                return false;
                            }
                        }
                        return true;
                    }

                    /** Upper and lower half of a long, combined. */
                    private void folded() {
                        visitInsn(Opcodes.DUP2);
                        visitIntInsn(Opcodes.BIPUSH, 32);
                        visitInsn(Opcodes.LUSHR);
                        visitInsn(Opcodes.LXOR);
                        visitInsn(Opcodes.L2I);
                    }
                };
            }
        }, 0);
        return writer.toByteArray();
    }
}
